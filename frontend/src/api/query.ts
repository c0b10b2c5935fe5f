import { QueryClient } from '@tanstack/react-query';
import { Problem } from './client';

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      refetchOnWindowFocus: false,
      retry: (failures, error) =>
        failures < 2 && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
    },
  },
});

/** The newest entry that the live stream has told of, under this key. */
export const watermarkKey = ['watermark'];

const slow = ['members', 'versions', 'waterfall'];

/** After a new count: what shows sizes is stale, a sample being read is not. */
export function refreshCounts(): Promise<void> {
  return queryClient.invalidateQueries({
    predicate: ({ queryKey: [root, , part] }) => root === 'segments' && !slow.includes(String(part)),
  });
}

/** Marks everything stale whose key starts with one of these words. */
export function refresh(...roots: string[]): Promise<void[]> {
  return Promise.all(roots.map((root) => queryClient.invalidateQueries({ queryKey: [root] })));
}
