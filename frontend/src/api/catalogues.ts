import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Catalogue, Page } from './types';

export const cataloguesQuery = queryOptions({
  queryKey: ['catalogues'],
  staleTime: 60_000,
  queryFn: ({ signal }) => request<Page<Catalogue>>('GET', '/catalogues', { signal }),
});
