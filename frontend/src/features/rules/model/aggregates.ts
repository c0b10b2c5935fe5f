import type { Json, JsonObject } from '@/api/types';

export interface Aggregate {
  agg: string;
  label: string;
  /** Whether it wants a property, and of what kind. */
  of: 'none' | 'number' | 'any';
}

export const aggregates: Aggregate[] = [
  { agg: 'count', label: 'number of times', of: 'none' },
  { agg: 'days', label: 'number of days', of: 'none' },
  { agg: 'sum', label: 'sum of', of: 'number' },
  { agg: 'distinct', label: 'different values of', of: 'any' },
  { agg: 'avg', label: 'average of', of: 'number' },
  { agg: 'min', label: 'smallest', of: 'number' },
  { agg: 'max', label: 'largest', of: 'number' },
  { agg: 'first', label: 'first', of: 'any' },
  { agg: 'last', label: 'latest', of: 'any' },
];

export function aggregateOf(json: JsonObject): Aggregate {
  const found = aggregates.find((item) => item.agg === (json.agg ?? 'count'));
  return found ?? { agg: String(json.agg), label: String(json.agg), of: 'any' };
}

/** What an event condition compares with. A plain count defaults to "at least 1"; `null` is unfinished. */
export function threshold(json: JsonObject): { op: string | undefined; value: Json | undefined } {
  const op = typeof json.op === 'string' ? json.op : undefined;
  if ((json.agg ?? 'count') !== 'count') return { op, value: json.value };
  return { op: op ?? 'gte', value: json.value === undefined ? 1 : json.value };
}

export function eventNames(json: JsonObject): string[] {
  if (typeof json.event === 'string') return json.event ? [json.event] : [];
  return Array.isArray(json.event)
    ? json.event.filter((name): name is string => typeof name === 'string')
    : [];
}
