import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { Page, Recount } from './types';

const pending = (recount: Recount) => recount.state === 'queued' || recount.state === 'running';

export const recountsQuery = (segmentId = '') =>
  queryOptions({
    queryKey: ['recounts', { segmentId }],
    queryFn: ({ signal }) =>
      request<Page<Recount>>('GET', '/recounts', { query: { segment_id: segmentId }, signal }),
    refetchInterval: (query) => (query.state.data?.items.some(pending) ? 1_500 : false),
  });

export const recountQuery = (id: string) =>
  queryOptions({
    queryKey: ['recounts', id],
    queryFn: ({ signal }) => request<Recount>('GET', `/recounts/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && pending(query.state.data) ? 1_500 : false),
  });

export async function startRecount(segmentId: string, buildId?: string): Promise<Recount> {
  const recount = await request<Recount>('POST', `/segments/${segmentId}/recount`, {
    body: buildId ? { build_id: buildId } : {},
  });
  await refresh('recounts');
  return recount;
}
