import type { RuleFault } from './types';

/** The one place that talks to the server: session header, errors, sign-out. */

export class Problem extends Error {
  override name = 'Problem';
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: RuleFault[] = [],
    readonly requestId?: string,
  ) {
    super(detail || title);
  }
}

type Query = Record<string, string | number | boolean | undefined | null>;

interface Call {
  query?: Query | undefined;
  body?: unknown;
  contentType?: string;
  signal?: AbortSignal | undefined;
}

let csrfToken = '';
let signedOut: () => void = () => {};

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called whenever the server says that nobody is signed in. */
export function onSignedOut(callback: () => void): void {
  signedOut = callback;
}

export function url(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.set(key, String(value));
  }
  const text = search.toString();
  return `/api/v1${path}${text ? `?${text}` : ''}`;
}

function headers(method: string, contentType?: string): Record<string, string> {
  const all: Record<string, string> = { Accept: 'application/json' };
  if (contentType) all['Content-Type'] = contentType;
  if (method !== 'GET' && csrfToken) all['X-CSRF-Token'] = csrfToken;
  return all;
}

function problemFrom(status: number, text: string): Problem {
  try {
    const body = JSON.parse(text) as Partial<Problem> & { instance?: string };
    return new Problem(
      status,
      body.code ?? 'unknown',
      body.title ?? 'Request failed',
      body.detail ?? '',
      body.errors ?? [],
      body.instance,
    );
  } catch {
    return new Problem(status, 'unreadable', `The server answered ${status}`, '');
  }
}

function settle<T>(path: string, status: number, text: string): T {
  if (status >= 200 && status < 300) return (text ? JSON.parse(text) : undefined) as T;
  const problem = problemFrom(status, text);
  if (status === 401 && path !== '/session') signedOut();
  throw problem;
}

export async function request<T>(method: string, path: string, call: Call = {}): Promise<T> {
  const raw = typeof call.body === 'string' || call.body instanceof Blob;
  const contentType = call.contentType ?? (call.body === undefined ? undefined : 'application/json');
  let response: Response;
  try {
    response = await fetch(url(path, call.query), {
      method,
      headers: headers(method, contentType),
      credentials: 'same-origin',
      ...(call.body === undefined
        ? {}
        : { body: raw ? (call.body as string | Blob) : JSON.stringify(call.body) }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
  } catch (cause) {
    if (call.signal?.aborted) throw cause;
    throw new Problem(0, 'unreachable', 'The server cannot be reached', 'Check the connection and try again.');
  }
  return settle<T>(path, response.status, await response.text());
}

/** Sends a file and reports the share sent (0 to 1), which `fetch` cannot. */
export function upload<T>(
  path: string,
  file: Blob,
  onProgress: (share: number) => void,
  { query = {}, method = 'POST', contentType = 'application/octet-stream' }: { query?: Query; method?: string; contentType?: string } = {},
): Promise<T> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open(method, url(path, query));
    for (const [name, value] of Object.entries(headers(method, contentType))) {
      call.setRequestHeader(name, value);
    }
    call.upload.onprogress = (event) => {
      if (event.lengthComputable) onProgress(event.loaded / event.total);
    };
    call.onerror = () =>
      reject(new Problem(0, 'unreachable', 'The upload was interrupted', 'Check the connection and try again.'));
    call.onload = () => {
      try {
        resolve(settle<T>(path, call.status, call.responseText));
      } catch (problem) {
        reject(problem);
      }
    };
    call.send(file);
  });
}
