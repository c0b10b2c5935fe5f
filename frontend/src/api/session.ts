import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';
import { Problem, request, setCsrfToken } from './client';
import { queryClient } from './query';
import type { Session } from './types';

let last: Session | null = null;

function remember(session: Session): Session {
  last = session;
  setCsrfToken(session.csrf_token);
  return session;
}

/** `null` when nobody is signed in. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async (): Promise<Session | null> => {
    try {
      return remember(await request<Session>('GET', '/session'));
    } catch (error) {
      if (error instanceof Problem && error.status === 401) return null;
      throw error;
    }
  },
});

export async function signIn(email: string, password: string): Promise<Session> {
  const session = remember(
    await request<Session>('POST', '/session', { body: { email, password } }),
  );
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, session);
  return session;
}

/** Ends the person's other sessions; this one goes on. */
export async function changePassword(current: string, wanted: string): Promise<void> {
  const body = { current_password: current, new_password: wanted };
  const session = remember(await request<Session>('PUT', '/session/password', { body }));
  queryClient.setQueryData(sessionQuery.queryKey, session);
}

export async function signOut(): Promise<void> {
  await request<void>('DELETE', '/session');
  setCsrfToken('');
  queryClient.clear();
  queryClient.setQueryData(sessionQuery.queryKey, null);
}

/** The session inside the signed-in part of the page; the last one while that part is being left. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  const session = data ?? last;
  if (!session) throw new Error('used outside the signed-in part of the page');
  return session;
}
