import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { Page, UserList } from './types';

export const listsQuery = queryOptions({
  queryKey: ['lists'],
  queryFn: ({ signal }) => request<Page<UserList>>('GET', '/lists', { signal }),
});

async function send(method: string, path: string, name: string, ids: Blob): Promise<UserList> {
  const list = await request<UserList>(method, path, {
    query: { name },
    body: ids,
    contentType: 'text/csv',
  });
  await refresh('lists', 'schema-values');
  return list;
}

export const createList = (name: string, ids: Blob) => send('POST', '/lists', name, ids);
export const replaceList = (id: string, name: string, ids: Blob) =>
  send('PUT', `/lists/${id}`, name, ids);
export const appendToList = (id: string, ids: Blob) => send('POST', `/lists/${id}/append`, '', ids);

export async function deleteList(id: string): Promise<void> {
  await request<void>('DELETE', `/lists/${id}`);
  await refresh('lists');
}
