import { queryOptions } from '@tanstack/react-query';
import { request, upload, url } from './client';
import { refresh } from './query';
import type { Page, UserList } from './types';

export const listsQuery = queryOptions({
  queryKey: ['lists'],
  queryFn: ({ signal }) => request<Page<UserList>>('GET', '/lists', { signal }),
});

export interface ListUpload {
  body: Blob;
  /** `text/plain`: one id a line; `text/csv`: the first column. */
  type: string;
  /** Told the share that is sent, 0 to 1. */
  onProgress: (share: number) => void;
}

async function send(method: string, path: string, ids: ListUpload, name?: string): Promise<UserList> {
  const list = await upload<UserList>(path, ids.body, ids.onProgress, { query: { name }, method, contentType: ids.type });
  await refresh('lists', 'schema-values');
  return list;
}

export const createList = (name: string, ids: ListUpload) => send('POST', '/lists', ids, name);
export const replaceList = (id: string, name: string, ids: ListUpload) =>
  send('PUT', `/lists/${encodeURIComponent(id)}`, ids, name);
export const appendToList = (id: string, ids: ListUpload) => send('POST', `/lists/${encodeURIComponent(id)}/append`, ids);

/** Where the unknown ids of a list are downloaded. */
export const unknownIdsAddress = (id: string) => url(`/lists/${encodeURIComponent(id)}/unknown`);

export async function deleteList(id: string): Promise<void> {
  await request<void>('DELETE', `/lists/${encodeURIComponent(id)}`);
  await refresh('lists');
}
