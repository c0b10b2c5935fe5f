import type { Json, JsonObject } from '@/api/types';
import { aggregateOf, eventNames, threshold } from './aggregates';
import { comparisons, operatorOf } from './operators';
import { fieldText, isObject, type Leaf, type RuleNode } from './tree';
import { durationWords, windowWords } from './windows';

/** A rule in words, for reading; the JSON stays the contract. */

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
  if (known.shape === 'days') return `${label} ${literal(json.value)} days`;
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

function eventWords(leaf: Leaf): string {
  const names = eventNames(leaf.json).map((name) => (name === '*' ? 'any event' : name));
  const where = leaf.where?.length
    ? ` where ${leaf.where.map((filter) => filterWords(filter.json)).join(' and ')}`
    : '';
  const aggregate = aggregateOf(leaf.json);
  const { op, value } = threshold(leaf.json);
  const name = comparisons.find((item) => item.op === op)?.label ?? operatorOf(op ?? '')?.label ?? op;
  const bound = Array.isArray(value) ? value.map(literal).join(' and ') : literal(value);
  const measure =
    aggregate.agg === 'count'
      ? `${name} ${bound} ${value === 1 ? 'time' : 'times'}`
      : aggregate.agg === 'days'
        ? `on ${name} ${bound} days`
        : `with ${aggregate.label} ${fieldText(leaf.json, 'of')} ${name} ${bound}`;
  return `did ${names.join(' or ') || '…'}${where} ${measure} ${windowWords(leaf.json.window)}`;
}

export interface Names {
  segment: (id: string) => string;
  list: (id: string) => string;
}

export function leafWords(leaf: Leaf, names: Names): string {
  const { json } = leaf;
  switch (leaf.kind) {
    case 'trait':
      return `${fieldText(json, 'trait') || '…'} ${compared(json)}`;
    case 'event':
      return eventWords(leaf);
    case 'segment':
      return `is in segment ${names.segment(fieldText(json, 'segment'))}`;
    case 'list':
      return `is on list ${names.list(fieldText(json, 'list'))}`;
    case 'everyone':
      return 'everyone';
    default:
      return JSON.stringify(json);
  }
}

export function groupWords(node: RuleNode): string {
  if (node.kind !== 'group') return '';
  const negated = node.nots.length % 2 === 1;
  if (node.mode === 'all') return negated ? 'Not all of' : 'All of';
  return negated ? 'None of' : 'Any of';
}
