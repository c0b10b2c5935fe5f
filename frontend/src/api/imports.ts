import { queryOptions } from '@tanstack/react-query';
import { request, upload } from './client';
import { refresh } from './query';
import type { Import, Page } from './types';

const running = (item: Import) => item.state === 'queued' || item.state === 'running';

export const importsQuery = queryOptions({
  queryKey: ['imports'],
  queryFn: ({ signal }) => request<Page<Import>>('GET', '/imports', { signal }),
  refetchInterval: (query) => (query.state.data?.items.some(running) ? 2_000 : false),
});

export interface ImportOptions {
  sourceId: string;
  name: string;
  format: 'csv' | 'ndjson' | 'parquet';
  compression: 'plain' | 'gz' | 'zst';
  mapping: string;
}

export async function startImport(
  file: Blob,
  options: ImportOptions,
  onProgress: (share: number) => void,
): Promise<{ id: string }> {
  const { sourceId, name, format, compression, mapping } = options;
  const started = await upload<{ id: string }>(
    '/imports',
    file,
    onProgress,
    { query: { source_id: sourceId, name, format, compression, mapping } },
  );
  await refresh('imports');
  return started;
}

export async function cancelImport(id: string): Promise<void> {
  await request<void>('POST', `/imports/${id}/cancel`);
  await refresh('imports');
}
