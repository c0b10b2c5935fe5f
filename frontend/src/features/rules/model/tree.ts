import type { Json, JsonObject } from '@/api/types';

/**
 * The builder's tree. It mirrors the rule JSON one to one: `toJson(fromJson(rule))` is the rule.
 * What the builder cannot show stays inside a `raw` leaf, untouched.
 */

export type GroupMode = 'all' | 'any';
export type LeafKind = 'trait' | 'event' | 'segment' | 'list' | 'everyone' | 'raw';

interface Common {
  /** Stable across edits and moves; never leaves the page. */
  id: string;
  /** The `not` wrappers around this node, outermost first, each with its other fields. */
  nots: JsonObject[];
}

export interface Group extends Common {
  kind: 'group';
  mode: GroupMode;
  children: RuleNode[];
  /** Fields beside the children, such as `label`. */
  rest: JsonObject;
}

export interface Filter {
  id: string;
  json: JsonObject;
}

export interface Leaf extends Common {
  kind: LeafKind;
  /** The condition as in the rule, possibly unfinished; `where` lives beside it. */
  json: JsonObject;
  where?: Filter[];
}

export type RuleNode = Group | Leaf;

export interface RuleDoc {
  tz?: string;
  root: RuleNode;
}

let last = 0;
export function newId(): string {
  last += 1;
  return `n${last}`;
}

const leafFields: Record<Exclude<LeafKind, 'raw'>, string[]> = {
  trait: ['trait', 'op', 'value', 'ignore_case', 'label'],
  event: ['event', 'where', 'window', 'agg', 'of', 'op', 'value', 'ignore_case', 'label'],
  segment: ['segment', 'label'],
  list: ['list', 'label'],
  everyone: ['everyone', 'label'],
};

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function only(json: JsonObject, fields: string[]): boolean {
  return Object.keys(json).every((key) => fields.includes(key));
}

function without(json: JsonObject, ...fields: string[]): JsonObject {
  return Object.fromEntries(Object.entries(json).filter(([key]) => !fields.includes(key)));
}

function leafKind(json: JsonObject): LeafKind {
  if (typeof json.trait === 'string' && only(json, leafFields.trait)) return 'trait';
  if ('event' in json && only(json, leafFields.event)) {
    const plainEvent =
      typeof json.event === 'string' ||
      (Array.isArray(json.event) && json.event.every((name) => typeof name === 'string'));
    const plainWhere =
      json.where === undefined || (Array.isArray(json.where) && json.where.every(isObject));
    const plainWindow = json.window === undefined || isObject(json.window);
    return plainEvent && plainWhere && plainWindow ? 'event' : 'raw';
  }
  if (typeof json.segment === 'string' && only(json, leafFields.segment)) return 'segment';
  if (typeof json.list === 'string' && only(json, leafFields.list)) return 'list';
  if (json.everyone === true && only(json, leafFields.everyone)) return 'everyone';
  return 'raw';
}

function nodeFromJson(json: JsonObject): RuleNode {
  if (isObject(json.not) && only(json, ['not', 'label'])) {
    const inner = nodeFromJson(json.not);
    return { ...inner, nots: [without(json, 'not'), ...inner.nots] };
  }
  for (const mode of ['all', 'any'] as const) {
    const children = json[mode];
    if (Array.isArray(children) && children.every(isObject) && only(json, [mode, 'label'])) {
      return {
        id: newId(),
        nots: [],
        kind: 'group',
        mode,
        children: children.map(nodeFromJson),
        rest: without(json, mode),
      };
    }
  }
  const kind = leafKind(json);
  if (kind === 'event' && Array.isArray(json.where)) {
    const where = json.where.filter(isObject).map((filter) => ({ id: newId(), json: filter }));
    return { id: newId(), nots: [], kind, json: without(json, 'where'), where };
  }
  return { id: newId(), nots: [], kind, json };
}

export function fromJson(rule: JsonObject): RuleDoc {
  if (typeof rule.tz !== 'string') return { root: nodeFromJson(rule) };
  return { tz: rule.tz, root: nodeFromJson(without(rule, 'tz')) };
}

/** The node's own JSON, `not` wrappers left out. */
export function bodyJson(node: RuleNode): JsonObject {
  if (node.kind === 'group') return { ...node.rest, [node.mode]: node.children.map(nodeToJson) };
  if (!node.where) return node.json;
  return { ...node.json, where: node.where.map((filter) => filter.json) };
}

export function wrapNots(node: RuleNode, body: JsonObject): JsonObject {
  return node.nots.reduceRight<JsonObject>((inner, rest) => ({ ...rest, not: inner }), body);
}

export function nodeToJson(node: RuleNode): JsonObject {
  return wrapNots(node, bodyJson(node));
}

export function toJson(doc: RuleDoc): JsonObject {
  const rule = nodeToJson(doc.root);
  return doc.tz === undefined ? rule : { tz: doc.tz, ...rule };
}

export function newGroup(mode: GroupMode = 'all', children: RuleNode[] = []): Group {
  return { id: newId(), nots: [], kind: 'group', mode, children, rest: {} };
}

const blank: Record<Exclude<LeafKind, 'raw'>, JsonObject> = {
  trait: { trait: '' },
  event: { event: '' },
  segment: { segment: '' },
  list: { list: '' },
  everyone: { everyone: true },
};

export function newLeaf(kind: Exclude<LeafKind, 'raw'>): Leaf {
  return { id: newId(), nots: [], kind, json: { ...blank[kind] } };
}

export function newDoc(): RuleDoc {
  return { root: newGroup('all') };
}

export function fieldText(json: JsonObject, field: string): string {
  const value: Json | undefined = json[field];
  return typeof value === 'string' ? value : '';
}
