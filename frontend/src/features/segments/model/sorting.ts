import type { Segment } from '@/api/types';

export type SortKey = 'name' | 'size' | 'change' | 'updated';

export function sortKey(text: string | undefined): SortKey {
  return text === 'size' || text === 'change' || text === 'updated' ? text : 'name';
}

/** Names upwards; numbers and times downwards, the unknown last. */
export function sorted(segments: Segment[], key: SortKey): Segment[] {
  const rank = (segment: Segment): number => {
    if (key === 'size') return segment.latest?.count ?? -1;
    if (key === 'change') return Math.abs(segment.latest?.change ?? -1);
    return Date.parse(segment.updated_at) || 0;
  };
  const byName = (a: Segment, b: Segment) => a.name.localeCompare(b.name);
  return segments.toSorted((a, b) => (key === 'name' ? byName(a, b) : rank(b) - rank(a) || byName(a, b)));
}

/** The segments that moved most since the day before. */
export function moved(segments: Segment[], most: number): Segment[] {
  return sorted(segments, 'change')
    .filter((segment) => (segment.latest?.change ?? 0) !== 0)
    .slice(0, most);
}
