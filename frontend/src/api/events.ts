import { useEffect, useRef, useState } from 'react';
import { url } from './client';

export type StreamState = 'connecting' | 'open' | 'lost' | 'off';

function jsonOrText(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

/** Listens to a server-sent event stream while `enabled`; the browser reconnects by itself. */
export function useServerEvents(
  path: string,
  handlers: Record<string, (data: unknown) => void>,
  enabled = true,
): StreamState {
  const [state, setState] = useState<StreamState>('connecting');
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });
  const names = Object.keys(handlers).join(' ');

  useEffect(() => {
    if (!enabled) {
      setState('off');
      return;
    }
    setState('connecting');
    const stream = new EventSource(url(path), { withCredentials: true });
    stream.onopen = () => setState('open');
    stream.onerror = () => setState('lost');
    for (const name of names.split(' ')) {
      stream.addEventListener(name, (event) => {
        const { data } = event as MessageEvent<string>;
        current.current[name]?.(jsonOrText(data));
      });
    }
    return () => stream.close();
  }, [path, enabled, names]);

  return state;
}
