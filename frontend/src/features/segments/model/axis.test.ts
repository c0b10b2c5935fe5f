import { describe, expect, it } from 'vitest';
import { momentLabels, sizeTicks } from './axis';

describe('the axes of the size chart', () => {
  it.each<[number[], number[]]>([
    [[277], [277, 278]],
    [[0, 0], [0, 1]],
    [[3, 5], [3, 4, 5]],
    [[277, 281], [277, 278, 279, 280, 281]],
    [[7_391, 18_020], [5_000, 10_000, 15_000, 20_000]],
  ])('sizes %j', (sizes, ticks) => {
    expect(sizeTicks(sizes)).toEqual(ticks);
  });
  it.each<[string[], string[]]>([
    [['2026-11-20T09:00:00Z', '2026-11-21T09:00:00Z'], ['20 Nov', '21 Nov']],
    [['2026-11-21T09:00:00Z', '2026-11-21T10:30:00Z'], ['09:00', '10:30']],
    [['2026-11-21T09:00:01Z', '2026-11-21T09:00:59Z'], ['09:00:01', '09:00:59']],
    [['2026-11-20T09:00:00Z', '2026-11-20T10:00:00Z', '2026-11-21T09:00:00Z'], ['20 Nov, 09:00', '20 Nov, 10:00', '21 Nov, 09:00']],
    [['2025-11-21T09:00:00Z', '2026-11-21T09:00:00Z'], ['21 Nov 25', '21 Nov 26']],
  ])('moments %j', (moments, labels) => {
    expect([...momentLabels(moments, 'UTC').values()]).toEqual(labels);
  });
});
