import { describe, expect, it } from 'vitest';
import { addsUp, waterfallRows } from './waterfallSteps';

const steps = [
  { name: 'matched', count: 100 },
  { name: 'no_consent', dropped: 30 },
  { name: 'suppressed', dropped: 5 },
  { name: 'deliverable', count: 65 },
];

describe('waterfall', () => {
  it('keeps what is left after every drop', () => {
    expect(waterfallRows(steps).map((row) => [row.drop, row.amount, row.left])).toEqual([
      [false, 100, 100],
      [true, 30, 70],
      [true, 5, 65],
      [false, 65, 65],
    ]);
  });
  it('says whether the drops add up', () => {
    expect(addsUp(steps)).toBe(true);
    expect(addsUp([...steps.slice(0, 3), { name: 'deliverable', count: 66 }])).toBe(false);
  });
});
