import { queryOptions } from '@tanstack/react-query';
import { request } from './client';
import type { Json } from './types';

export interface OwnEvent {
  name: string;
  at: string;
  seq: number;
  /** Those first that the rule looks at. */
  properties: { path: string; value: Json }[];
}

export interface NearMiss {
  event: OwnEvent;
  why: string;
  seconds: number | null;
  filters: string[];
  between: OwnEvent | null;
  sentence: string;
}

export interface TraitValue {
  path: string;
  value: Json;
  since: string | null;
  updated_at: string | null;
  updated_seq: number | null;
  before: Json;
}

export interface Measured {
  value: Json;
  values?: number;
  short_by?: number;
}

interface Window {
  /** Included. */
  from: string | null;
  /** Excluded. */
  to: string | null;
}

export type Evidence =
  | { kind: 'everyone' }
  | { kind: 'below'; holding: number; of: number }
  | ({ kind: 'trait' } & TraitValue)
  | { kind: 'attribute'; literal: TraitValue; key: TraitValue; row: boolean; attribute: Json }
  | ({ kind: 'event'; measured: Measured; matching: number; events: OwnEvent[]; near: NearMiss[] } & Window)
  | ({ kind: 'sequence'; steps: number; chain: OwnEvent[]; candidates: number; near: NearMiss[] } & Window)
  | ({ kind: 'first_time'; first: OwnEvent | null; near: NearMiss[] } & Window)
  | { kind: 'regular'; periods: Period[]; matching: number; events: OwnEvent[]; near: NearMiss[] }
  | ({
      kind: 'top';
      score: Measured | null;
      rank: number | null;
      ranked: number;
      kept: number;
      least: Measured | null;
      matching: number;
      events: OwnEvent[];
    } & Window)
  | { kind: 'segment'; id: string; name: string }
  | { kind: 'list'; id: string; version: number };

export interface Period {
  from: string;
  to: string;
  count: number;
  enough: boolean;
}

export interface ExplainedNode {
  pointer: string;
  depth: number;
  words: string;
  label: string | null;
  holds: boolean;
  /** Whether the answer hangs on it. */
  decisive: boolean;
  sentence: string;
  evidence: Evidence;
}

export interface ExplainedSegment {
  id: string;
  name: string;
  time_zone: string;
  nodes: ExplainedNode[];
}

export interface Explanation {
  user_id: string;
  known: boolean;
  known_since: string | null;
  member: boolean;
  sentence: string;
  instant: string;
  watermark_seq: number;
  time_zone: string;
  build: { id: string; member: boolean | null; watermark_seq: number } | null;
  nodes: ExplainedNode[];
  segments: ExplainedSegment[];
}

/** Asked once: every answer is noted in the audit trail, so nothing asks again by itself. */
export const explanationQuery = (segmentId: string, userId: string, at: string | undefined, turn: number) =>
  queryOptions({
    queryKey: ['explain', segmentId, userId, at ?? '', turn],
    queryFn: ({ signal }) =>
      request<Explanation>('POST', '/rules/explain', {
        body: { segment_id: segmentId, user_id: userId, ...(at ? { at } : {}) },
        signal,
      }),
    enabled: userId !== '',
    retry: false,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnReconnect: false,
  });
