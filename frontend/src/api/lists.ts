import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { Page, UserList } from './types';

export const listsQuery = queryOptions({
  queryKey: ['lists'],
  queryFn: ({ signal }) => request<Page<UserList>>('GET', '/lists', { signal }),
});

interface Upload {
  body: Blob;
  /** `text/plain`: one id a line; `text/csv`: the first column. */
  type: string;
}

async function send(method: string, path: string, ids: Upload, name?: string): Promise<UserList> {
  const list = await request<UserList>(method, path, {
    query: { name },
    body: ids.body,
    contentType: ids.type,
  });
  await refresh('lists', 'schema-values');
  return list;
}

export const createList = (name: string, ids: Upload) => send('POST', '/lists', ids, name);
export const replaceList = (id: string, name: string, ids: Upload) =>
  send('PUT', `/lists/${id}`, ids, name);
export const appendToList = (id: string, ids: Upload) => send('POST', `/lists/${id}/append`, ids);

export async function deleteList(id: string): Promise<void> {
  await request<void>('DELETE', `/lists/${id}`);
  await refresh('lists');
}
