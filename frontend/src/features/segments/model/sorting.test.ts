import { describe, expect, it } from 'vitest';
import type { Segment } from '@/api/types';
import { moved, sorted, sortKey } from './sorting';

const segment = (name: string, count: number | null, change: number | null): Segment =>
  ({
    id: name,
    name,
    updated_at: '2026-11-20T00:00:00Z',
    latest: count === null ? null : { count, change },
  }) as Segment;

const all = [segment('b', 10, -5), segment('a', 30, 1), segment('c', null, null), segment('d', 20, 0)];

describe('order of segments', () => {
  it('is by name unless the address says otherwise', () => {
    expect(sortKey('nonsense')).toBe('name');
    expect(sorted(all, 'name').map((item) => item.name)).toEqual(['a', 'b', 'c', 'd']);
  });
  it('puts the largest first and the never counted last', () => {
    expect(sorted(all, 'size').map((item) => item.name)).toEqual(['a', 'd', 'b', 'c']);
  });
  it('finds what moved, in either direction', () => {
    expect(moved(all, 5).map((item) => item.name)).toEqual(['b', 'a']);
  });
});
