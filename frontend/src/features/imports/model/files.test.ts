import { describe, expect, it } from 'vitest';
import type { Import } from '@/api/types';
import { guess, progress } from './files';

describe('imports', () => {
  it.each([
    ['events.csv', 'csv', 'plain'],
    ['EVENTS.NDJSON.GZ', 'ndjson', 'gz'],
    ['a.jsonl.zst', 'ndjson', 'zst'],
    ['a.parquet', 'parquet', 'plain'],
    ['a.txt', 'csv', 'plain'],
  ])('take %s for %s, %s', (name, format, compression) => {
    expect(guess(name)).toEqual({ format, compression });
  });
  it('know how far they are', () => {
    const item = { state: 'running', bytes_read: 50, bytes_total: 200, rows_read: 1 } as Import;
    expect(progress(item)).toBe(0.25);
    expect(progress({ ...item, bytes_total: null })).toBeNull();
    expect(progress({ ...item, state: 'done' })).toBe(1);
  });
});
