import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { Ledger, LiveRecord, Page, QuarantinedRecord, Source } from './types';

export const sourcesQuery = queryOptions({
  queryKey: ['sources'],
  queryFn: ({ signal }) => request<Page<Source>>('GET', '/sources', { signal }),
});

export const ledgerQuery = (sourceId: string | null, days = 30) =>
  queryOptions({
    queryKey: ['ledger', sourceId, days],
    queryFn: ({ signal }) =>
      request<Ledger>('GET', sourceId ? `/sources/${sourceId}/ledger` : '/ledger', {
        query: { days },
        signal,
      }),
  });

export const recentQuery = (sourceId: string) =>
  queryOptions({
    queryKey: ['recent', sourceId],
    staleTime: 0,
    queryFn: ({ signal }) =>
      request<Page<LiveRecord>>('GET', `/sources/${sourceId}/recent`, {
        query: { limit: 50 },
        signal,
      }),
  });

export const quarantineQuery = (sourceId: string) =>
  infiniteQueryOptions({
    queryKey: ['quarantine', sourceId],
    queryFn: ({ signal, pageParam }) =>
      request<Page<QuarantinedRecord>>('GET', '/quarantine', {
        query: { source_id: sourceId, cursor: pageParam, limit: 50 },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

export async function createSource(name: string): Promise<Source> {
  const source = await request<Source>('POST', '/sources', { body: { name } });
  await refresh('sources', 'overview');
  return source;
}

export async function changeSource(
  id: string,
  change: { name?: string; disabled?: boolean },
): Promise<Source> {
  const source = await request<Source>('PATCH', `/sources/${id}`, { body: change });
  await refresh('sources');
  return source;
}

export async function rotateKey(id: string): Promise<Source> {
  const source = await request<Source>('POST', `/sources/${id}/rotate-key`);
  await refresh('sources');
  return source;
}
