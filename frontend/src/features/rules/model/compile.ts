import type { JsonObject } from '@/api/types';
import { aggregateOf, eventNames, threshold } from './aggregates';
import { operatorOf, valueMissing } from './operators';
import { fieldText, type Filter, type Leaf, type RuleDoc, type RuleNode, wrapNots } from './tree';
import { windowMissing } from './windows';

/** The rule as it can be counted now: unfinished lines left out, each kept line with its place. */
export interface Compiled {
  /** Nothing when no line is finished. */
  rule: JsonObject | null;
  /** Node and filter ids to JSON pointers in `rule`. */
  pointers: Map<string, string>;
  /** Node and filter ids to what is still missing. */
  incomplete: Map<string, string>;
}

function comparisonMissing(json: JsonObject, op: string | undefined, value = json.value): string | null {
  if (!op) return 'Pick a comparison';
  const shape = operatorOf(op)?.shape ?? 'one';
  // "is between" and lists of one share an operator name with no other shape.
  return valueMissing(value, shape) ? 'Give a value' : null;
}

export function filterMissing(json: JsonObject): string | null {
  if (!('property' in json)) return null;
  if (!json.property) return 'Pick a property';
  return comparisonMissing(json, fieldText(json, 'op') || undefined);
}

function eventMissing(json: JsonObject): string | null {
  if (eventNames(json).length === 0) return 'Pick an event';
  const { op, value } = threshold(json);
  if (aggregateOf(json).of !== 'none' && !json.of) return 'Pick a property to measure';
  return windowMissing(json.window) ?? comparisonMissing(json, op, value);
}

export function leafMissing(leaf: Leaf): string | null {
  switch (leaf.kind) {
    case 'trait':
      if (!leaf.json.trait) return 'Pick a trait';
      return comparisonMissing(leaf.json, fieldText(leaf.json, 'op') || undefined);
    case 'event':
      return eventMissing(leaf.json);
    case 'segment':
      return leaf.json.segment ? null : 'Pick a segment';
    case 'list':
      return leaf.json.list ? null : 'Pick a list';
    default:
      return null;
  }
}

function compileWhere(
  where: Filter[],
  at: string,
  out: Compiled,
  skipped: ReadonlySet<string>,
): JsonObject[] {
  const kept: JsonObject[] = [];
  for (const filter of where) {
    if (skipped.has(filter.id)) continue;
    const missing = filterMissing(filter.json);
    if (missing) {
      out.incomplete.set(filter.id, missing);
      continue;
    }
    out.pointers.set(filter.id, `${at}/where/${kept.length}`);
    kept.push(filter.json);
  }
  return kept;
}

function compileNode(
  node: RuleNode,
  at: string,
  out: Compiled,
  skipped: ReadonlySet<string>,
): JsonObject | null {
  if (skipped.has(node.id)) return null;
  const inside = at + '/not'.repeat(node.nots.length);
  let body: JsonObject;
  if (node.kind === 'group') {
    const children: JsonObject[] = [];
    for (const child of node.children) {
      const compiled = compileNode(child, `${inside}/${node.mode}/${children.length}`, out, skipped);
      if (compiled) children.push(compiled);
    }
    if (children.length === 0) return null;
    body = { ...node.rest, [node.mode]: children };
  } else {
    const missing = leafMissing(node);
    if (missing) {
      out.incomplete.set(node.id, missing);
      for (const filter of node.where ?? []) {
        const unfinished = filterMissing(filter.json);
        if (unfinished) out.incomplete.set(filter.id, unfinished);
      }
      return null;
    }
    body = node.where
      ? { ...node.json, where: compileWhere(node.where, inside, out, skipped) }
      : node.json;
  }
  out.pointers.set(node.id, at);
  return wrapNots(node, body);
}

const none: ReadonlySet<string> = new Set();

/** `skipped` lines are left out too, for counting the rest of a rule that the server refused. */
export function compile(doc: RuleDoc, skipped = none): Compiled {
  const out: Compiled = { rule: null, pointers: new Map(), incomplete: new Map() };
  const rule = compileNode(doc.root, '', out, skipped);
  if (rule) out.rule = doc.tz === undefined ? rule : { tz: doc.tz, ...rule };
  return out;
}

/** Puts each fault at the line that is nearest to it; what has no line is under `""`. */
export function placeFaults<T extends { pointer: string }>(
  faults: T[],
  pointers: Map<string, string>,
): Map<string, T[]> {
  const placed = new Map<string, T[]>();
  for (const fault of faults) {
    let owner = '';
    let longest = -1;
    for (const [id, pointer] of pointers) {
      const holds = fault.pointer === pointer || fault.pointer.startsWith(`${pointer}/`);
      if (holds && pointer.length > longest) {
        owner = id;
        longest = pointer.length;
      }
    }
    placed.set(owner, [...(placed.get(owner) ?? []), fault]);
  }
  return placed;
}
