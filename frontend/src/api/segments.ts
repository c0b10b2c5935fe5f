import { infiniteQueryOptions, keepPreviousData, queryOptions } from '@tanstack/react-query';
import { request, url } from './client';
import { refresh } from './query';
import type {
  Build,
  HistoryPoint,
  ListFormat,
  Members,
  Page,
  Purpose,
  Segment,
  SegmentDraft,
  SegmentVersion,
  Waterfall,
} from './types';

export const segmentsQuery = (q = '', trashed = false) =>
  queryOptions({
    queryKey: ['segments', { q, trashed }],
    queryFn: ({ signal }) =>
      request<Page<Segment>>('GET', '/segments', { query: { trashed, q }, signal }),
    placeholderData: keepPreviousData,
  });

export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: ['segments', id],
    queryFn: ({ signal }) => request<Segment>('GET', `/segments/${id}`, { signal }),
  });

export const versionsQuery = (id: string) =>
  queryOptions({
    queryKey: ['segments', id, 'versions'],
    queryFn: ({ signal }) =>
      request<Page<SegmentVersion>>('GET', `/segments/${id}/versions`, { signal }),
  });

export const historyQuery = (id: string, from?: string) =>
  queryOptions({
    queryKey: ['segments', id, 'history', from ?? ''],
    queryFn: ({ signal }) =>
      request<{ points: HistoryPoint[] }>('GET', `/segments/${id}/history`, {
        query: { from },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

export const buildsQuery = (id: string, limit = 50) =>
  queryOptions({
    queryKey: ['segments', id, 'builds', limit],
    queryFn: ({ signal }) =>
      request<Page<Build>>('GET', `/segments/${id}/builds`, { query: { limit }, signal }),
  });

export const membersQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['segments', id, 'members'],
    queryFn: ({ signal, pageParam }) =>
      request<Members>('GET', `/segments/${id}/members`, {
        query: { limit: 50, cursor: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

export const waterfallQuery = (id: string, purpose: Purpose) =>
  queryOptions({
    queryKey: ['segments', id, 'waterfall', purpose],
    queryFn: ({ signal }) =>
      request<Waterfall>('GET', `/segments/${id}/waterfall`, { query: { purpose }, signal }),
  });

export function listUrl(id: string, purpose: Purpose, format: ListFormat): string {
  return url(`/segments/${id}/list`, { purpose, format });
}

export async function saveSegment(id: string | null, draft: SegmentDraft): Promise<Segment> {
  const segment = id
    ? await request<Segment>('PUT', `/segments/${id}`, { body: draft })
    : await request<Segment>('POST', '/segments', { body: draft });
  await refresh('segments', 'overview');
  return segment;
}

export async function trashSegment(id: string): Promise<void> {
  await request<void>('DELETE', `/segments/${id}`);
  await refresh('segments', 'overview');
}

export async function restoreSegment(id: string): Promise<void> {
  await request<Segment>('POST', `/segments/${id}/restore`);
  await refresh('segments', 'overview');
}

export async function emptyTrash(): Promise<number> {
  const { deleted } = await request<{ deleted: number }>('DELETE', '/trash');
  await refresh('segments');
  return deleted;
}

export async function buildNow(id: string): Promise<Build> {
  const build = await request<Build>('POST', `/segments/${id}/builds`);
  await refresh('segments');
  return build;
}
