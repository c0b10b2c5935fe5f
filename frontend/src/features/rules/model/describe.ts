import type { Json, JsonObject } from '@/api/types';
import { operatorOf } from './operators';
import { fieldText, isObject } from './tree';
import { durationWords } from './windows';

/** Parts of a rule in words while it is built; what is saved is described by the server. */

function literal(value: Json | undefined): string {
  if (value === undefined || value === null) return '…';
  if (Array.isArray(value)) return value.map(literal).join(', ');
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'string' ? `“${value}”` : String(value);
}

function compared(json: JsonObject): string {
  const op = fieldText(json, 'op');
  const known = operatorOf(op);
  const label = known?.label ?? op;
  if (!known || known.shape === 'none') return label;
  if (known.shape === 'duration') return `${label} ${durationWords(json.value)}`;
  if (known.shape === 'days') return `${label} ${literal(json.value)} ${json.value === 1 ? 'day' : 'days'}`;
  if (known.shape === 'pair' && Array.isArray(json.value)) {
    return `${label} ${literal(json.value[0])} and ${literal(json.value[1])}`;
  }
  return `${label} ${literal(json.value)}`;
}

export function filterWords(json: JsonObject): string {
  if ('property' in json) return `${fieldText(json, 'property')} ${compared(json)}`;
  if (isObject(json.not)) return `not (${filterWords(json.not)})`;
  for (const [mode, joint] of [['all', ' and '], ['any', ' or ']] as const) {
    const filters = json[mode];
    if (Array.isArray(filters)) return `(${filters.filter(isObject).map(filterWords).join(joint)})`;
  }
  return JSON.stringify(json);
}

/** The server's words of a rule, with names in place of the ids it refers to. */
export function named(words: string, known: { id: string; name: string }[]): string {
  return known.reduce((text, { id, name }) => text.replaceAll(id, `“${name}”`), words);
}
