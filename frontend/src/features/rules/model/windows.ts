import type { Json, JsonObject } from '@/api/types';
import { isObject } from './tree';

export type WindowKind = 'all' | 'last' | 'between_ago' | 'dates' | 'calendar' | 'season' | 'other';

export interface Duration {
  amount: number;
  unit: string;
}

export const units: { unit: string; one: string; many: string }[] = [
  { unit: 's', one: 'second', many: 'seconds' },
  { unit: 'm', one: 'minute', many: 'minutes' },
  { unit: 'h', one: 'hour', many: 'hours' },
  { unit: 'd', one: 'day', many: 'days' },
  { unit: 'w', one: 'week', many: 'weeks' },
  { unit: 'mo', one: 'month', many: 'months' },
  { unit: 'y', one: 'year', many: 'years' },
];

export const periods: { value: string; label: string }[] = [
  { value: 'today', label: 'today' },
  { value: 'yesterday', label: 'yesterday' },
  { value: 'this_week', label: 'this week' },
  { value: 'last_week', label: 'last week' },
  { value: 'this_month', label: 'this month' },
  { value: 'last_month', label: 'last month' },
  { value: 'this_year', label: 'this year' },
  { value: 'last_year', label: 'last year' },
];

export function parseDuration(text: Json | undefined): Duration | null {
  const match = typeof text === 'string' ? /^([1-9]\d*)(s|m|h|d|w|mo|y)$/.exec(text) : null;
  return match ? { amount: Number(match[1]), unit: match[2] as string } : null;
}

export function durationWords(text: Json | undefined): string {
  const duration = parseDuration(text);
  if (!duration) return typeof text === 'string' && text ? text : '…';
  const unit = units.find((item) => item.unit === duration.unit);
  return `${duration.amount} ${duration.amount === 1 ? unit?.one : unit?.many}`;
}

/** Whether the builder has a form for the season; anything else is kept as it is. */
function isSeason({ property = '', value = '', which = 0, ...others }: JsonObject): boolean {
  const counts = typeof which === 'number' && Number.isInteger(which) && which <= 0;
  return typeof property === 'string' && typeof value !== 'object' && counts && Object.keys(others).length === 0;
}

/** A season in words, by how far before the one that began last it is. */
function seasonWords(which: number, of: string): string {
  if (which === 0) return `the season${of} that began last`;
  if (which === -1) return `the previous season${of}`;
  return `the season${of} ${-which} before the last`;
}

/** The seasons to choose from, and the one that is chosen. */
export function seasonChoices(chosen: number): { value: string; label: string }[] {
  const all = [0, -1, -2, -3, -4, -5];
  return (all.includes(chosen) ? all : [...all, chosen]).map((which) => ({ value: String(which), label: seasonWords(which, '') }));
}

export function windowKind(window: Json | undefined): WindowKind {
  if (window === undefined) return 'all';
  if (typeof window !== 'object' || window === null || Array.isArray(window)) return 'other';
  if ('last' in window) return 'last';
  if ('between_ago' in window) return 'between_ago';
  if ('calendar' in window) return 'calendar';
  if ('from' in window || 'to' in window) return 'dates';
  if (isObject(window.season) && isSeason(window.season)) return 'season';
  return 'other';
}

/** A season begins with one of the linked properties. */
export function newWindow(kind: WindowKind, links: string[] = []): JsonObject | undefined {
  if (kind === 'last') return { last: '30d' };
  if (kind === 'between_ago') return { between_ago: ['60d', '30d'] };
  if (kind === 'calendar') return { calendar: 'this_month' };
  if (kind === 'dates') return { from: null };
  if (kind === 'season') return { season: { property: links[0] ?? '' } };
  return undefined;
}

/** What is still to be filled in, or nothing. */
export function windowMissing(window: Json | undefined): string | null {
  if (!window || typeof window !== 'object' || Array.isArray(window)) return null;
  const kind = windowKind(window);
  if (kind === 'last' && !parseDuration(window.last)) return 'Give the length of the window';
  if (kind === 'between_ago') {
    const ends = Array.isArray(window.between_ago) ? window.between_ago : [];
    if (ends.length !== 2 || !ends.every(parseDuration)) return 'Give both ends of the window';
  }
  if (kind === 'dates' && !window.from && !window.to) return 'Give a first or a last day';
  if (kind === 'calendar' && !window.calendar) return 'Pick a calendar period';
  if (isObject(window.season) && kind === 'season') {
    if (!window.season.property) return 'Pick the property whose values have seasons';
    if (window.season.value === undefined) return 'Say whose season';
  }
  return null;
}

export function windowWords(window: Json | undefined): string {
  const kind = windowKind(window);
  if (kind === 'all' || !window || typeof window !== 'object' || Array.isArray(window)) {
    return 'in all of history';
  }
  const shift = window.shift ? `, ${durationWords(window.shift)} earlier` : '';
  if (kind === 'last') return `in the last ${durationWords(window.last)}${shift}`;
  if (kind === 'between_ago') {
    const [far, near] = Array.isArray(window.between_ago) ? window.between_ago : [];
    return `between ${durationWords(far)} and ${durationWords(near)} ago${shift}`;
  }
  if (kind === 'calendar') return `${String(window.calendar).replaceAll('_', ' ')}${shift}`;
  if (kind === 'dates') {
    const from = window.from ? `from ${String(window.from)}` : '';
    const to = window.to ? `to ${String(window.to)}` : '';
    return [from, to].filter(Boolean).join(' ') || 'between two dates';
  }
  if (isObject(window.season) && kind === 'season') {
    const { which = 0, value } = window.season;
    return `in ${seasonWords(Number(which), ` of ${value === undefined ? '…' : String(value)}`)}${shift}`;
  }
  return `in ${JSON.stringify(window)}`;
}
