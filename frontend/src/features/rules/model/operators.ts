import type { Json, ValueType } from '@/api/types';

/** Which operators a type takes, what they are called and what kind of value they want. */

export type ValueShape = 'none' | 'one' | 'many' | 'pair' | 'duration' | 'days';

export interface Operator {
  op: string;
  label: string;
  shape: ValueShape;
}

const operator = (op: string, label: string, shape: ValueShape = 'one'): Operator => ({
  op,
  label,
  shape,
});

const presence = [operator('is_set', 'is set', 'none'), operator('is_not_set', 'is not set', 'none')];

const text = [
  operator('eq', 'is'),
  operator('neq', 'is not'),
  operator('in', 'is one of', 'many'),
  operator('not_in', 'is none of', 'many'),
  operator('contains', 'contains'),
  operator('not_contains', 'does not contain'),
  operator('starts_with', 'starts with'),
  operator('ends_with', 'ends with'),
  operator('regex', 'matches pattern'),
];

export const comparisons = [
  operator('gte', 'at least'),
  operator('gt', 'more than'),
  operator('lte', 'at most'),
  operator('lt', 'less than'),
  operator('eq', 'exactly'),
  operator('neq', 'not'),
  operator('between', 'between', 'pair'),
];

const numeric = [
  operator('eq', 'is'),
  operator('neq', 'is not'),
  operator('gte', 'is at least'),
  operator('gt', 'is more than'),
  operator('lte', 'is at most'),
  operator('lt', 'is less than'),
  operator('between', 'is between', 'pair'),
  operator('in', 'is one of', 'many'),
  operator('not_in', 'is none of', 'many'),
];

const moment = [
  operator('on', 'is on'),
  operator('before', 'is before'),
  operator('after', 'is after'),
  operator('between', 'is between', 'pair'),
  operator('within_last', 'is within the last', 'duration'),
  operator('more_than_ago', 'is longer ago than', 'duration'),
  operator('within_next', 'is within the next', 'duration'),
  operator('anniversary', 'has its anniversary in', 'days'),
];

const lists = [
  operator('has', 'has'),
  operator('has_any', 'has any of', 'many'),
  operator('has_all', 'has all of', 'many'),
  operator('has_none', 'has none of', 'many'),
  operator('contains', 'has one containing'),
  operator('in', 'has one of', 'many'),
  operator('eq', 'has one equal to'),
];

const byType: Record<ValueType, Operator[]> = {
  string: [...text, ...presence],
  number: [...numeric, ...presence],
  boolean: [operator('eq', 'is'), operator('neq', 'is not'), ...presence],
  datetime: [...moment, ...presence],
  date: [...moment, ...presence],
  'list<string>': [...lists, ...presence],
  'list<number>': [...lists, ...presence],
  object: presence,
};

export function operatorsFor(type: ValueType): Operator[] {
  return byType[type] ?? byType.string;
}

const everyOperator = [...Object.values(byType).flat(), ...comparisons];

/** Also finds operators that the type does not take, so that a stored rule always shows. */
export function operatorOf(op: string, type?: ValueType): Operator | undefined {
  const own = type ? operatorsFor(type).find((item) => item.op === op) : undefined;
  return own ?? everyOperator.find((item) => item.op === op);
}

/** The type of a path the schema does not know, from the rule's own value. */
export function guessType(op: string | undefined, value: Json | undefined): ValueType {
  const sample = Array.isArray(value) ? value[0] : value;
  if (op?.startsWith('has')) return typeof sample === 'number' ? 'list<number>' : 'list<string>';
  if (op && moment.some((item) => item.op === op) && op !== 'between') return 'datetime';
  if (typeof sample === 'number') return 'number';
  if (typeof sample === 'boolean') return 'boolean';
  return 'string';
}

/** The type of one element, as typed into a field. */
export function elementType(type: ValueType): 'string' | 'number' | 'boolean' | 'moment' {
  if (type === 'number' || type === 'list<number>') return 'number';
  if (type === 'boolean') return 'boolean';
  if (type === 'date' || type === 'datetime') return 'moment';
  return 'string';
}

export function canIgnoreCase(op: string | undefined, type: ValueType): boolean {
  if (elementType(type) !== 'string' || type === 'object') return false;
  return op !== undefined && op !== 'is_set' && op !== 'is_not_set';
}

/** A value carried over to another operator, or nothing if it would not fit. */
export function fitValue(value: Json | undefined, from: ValueShape, to: ValueShape): Json | undefined {
  if (from === to) return value;
  if (to === 'many' && from === 'one' && value !== undefined && value !== null) return [value];
  if (to === 'one' && from === 'many' && Array.isArray(value)) return value[0];
  if (to === 'pair' && from === 'one') return [value ?? null, null];
  if (to === 'one' && from === 'pair' && Array.isArray(value)) return value[0] ?? undefined;
  return undefined;
}

export function valueMissing(value: Json | undefined, shape: ValueShape): boolean {
  if (shape === 'none') return false;
  if (value === undefined || value === null) return true;
  if (!Array.isArray(value)) return shape === 'pair' || shape === 'many';
  if (shape === 'pair' && value.length !== 2) return true;
  return value.length === 0 || value.some((item) => item === null);
}
