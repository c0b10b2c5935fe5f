import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type { Account, ApiKey, Lookup, Overview, Page, Role, Scope, TrailCheck, TrailEntry } from './types';

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => request<Overview>('GET', '/overview', { signal }),
});

export const trailQuery = infiniteQueryOptions({
  queryKey: ['audit-trail'],
  queryFn: ({ signal, pageParam }) =>
    request<Page<TrailEntry>>('GET', '/audit-trail', {
      query: { cursor: pageParam, limit: 50 },
      signal,
    }),
  initialPageParam: '',
  getNextPageParam: (page) => page.next_cursor || undefined,
});

export const trailCheckQuery = queryOptions({
  queryKey: ['audit-trail', 'check'],
  queryFn: ({ signal }) => request<TrailCheck>('GET', '/audit-trail/check', { signal }),
});

export const accountsQuery = queryOptions({
  queryKey: ['accounts'],
  queryFn: ({ signal }) => request<Page<Account>>('GET', '/users', { signal }),
});

export async function createAccount(account: {
  email: string;
  name: string;
  role: Role;
  password: string;
}): Promise<Account> {
  const created = await request<Account>('POST', '/users', { body: account });
  await refresh('accounts');
  return created;
}

export async function changeAccount(
  id: string,
  change: { name?: string; role?: Role; password?: string; disabled?: boolean },
): Promise<Account> {
  const changed = await request<Account>('PATCH', `/users/${id}`, { body: change });
  await refresh('accounts');
  return changed;
}

export const keysQuery = queryOptions({
  queryKey: ['api-keys'],
  queryFn: ({ signal }) => request<Page<ApiKey>>('GET', '/api-keys', { signal }),
});

export async function createKey(name: string, scopes: Scope[]): Promise<ApiKey & { key: string }> {
  const created = await request<ApiKey & { key: string }>('POST', '/api-keys', {
    body: { name, scopes },
  });
  await refresh('api-keys');
  return created;
}

export async function revokeKey(id: string): Promise<void> {
  await request<void>('DELETE', `/api-keys/${id}`);
  await refresh('api-keys');
}

export const lookupUser = (userId: string, purpose: string) =>
  request<Lookup>('GET', `/lookup/${encodeURIComponent(userId)}`, { query: { purpose } });
