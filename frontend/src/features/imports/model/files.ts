import type { Import } from '@/api/types';
import type { ImportOptions } from '@/api/imports';

/** Format and compression by the file's name. */
export function guess(fileName: string): Pick<ImportOptions, 'format' | 'compression'> {
  const lower = fileName.toLowerCase();
  const compression = lower.endsWith('.gz') ? 'gz' : lower.endsWith('.zst') ? 'zst' : 'plain';
  const bare = lower.replace(/\.(gz|zst)$/, '');
  if (bare.endsWith('.parquet')) return { format: 'parquet', compression };
  if (/\.(ndjson|jsonl|json)$/.test(bare)) return { format: 'ndjson', compression };
  return { format: 'csv', compression };
}

/** How far it is, from 0 to 1, or nothing if that cannot be known. */
export function progress(item: Import): number | null {
  if (item.state === 'done') return 1;
  if (item.bytes_total) return Math.min(1, item.bytes_read / item.bytes_total);
  if (item.rows_total) return Math.min(1, item.rows_read / item.rows_total);
  return null;
}
