import {
  type Group,
  type GroupMode,
  newGroup,
  newId,
  type RuleDoc,
  type RuleNode,
} from './tree';

/** Pure edits of the builder's tree. An edit that makes no sense gives the document back as it was. */

export function find(node: RuleNode, id: string): RuleNode | null {
  if (node.id === id) return node;
  if (node.kind !== 'group') return null;
  for (const child of node.children) {
    const found = find(child, id);
    if (found) return found;
  }
  return null;
}

export function parentOf(node: RuleNode, id: string): { group: Group; index: number } | null {
  if (node.kind !== 'group') return null;
  const index = node.children.findIndex((child) => child.id === id);
  if (index >= 0) return { group: node, index };
  for (const child of node.children) {
    const found = parentOf(child, id);
    if (found) return found;
  }
  return null;
}

export function replaceNode(
  node: RuleNode,
  id: string,
  change: (node: RuleNode) => RuleNode,
): RuleNode {
  if (node.id === id) return change(node);
  if (node.kind !== 'group') return node;
  let touched = false;
  const children = node.children.map((child) => {
    const next = replaceNode(child, id, change);
    if (next !== child) touched = true;
    return next;
  });
  return touched ? { ...node, children } : node;
}

function withRoot(doc: RuleDoc, root: RuleNode): RuleDoc {
  return root === doc.root ? doc : { ...doc, root };
}

function onGroup(doc: RuleDoc, id: string, change: (group: Group) => Group): RuleDoc {
  return withRoot(
    doc,
    replaceNode(doc.root, id, (node) => (node.kind === 'group' ? change(node) : node)),
  );
}

export function update(doc: RuleDoc, id: string, change: (node: RuleNode) => RuleNode): RuleDoc {
  return withRoot(doc, replaceNode(doc.root, id, change));
}

/** Adds to a group; to a rule that is one bare condition, by putting both under "all of". */
export function insert(doc: RuleDoc, groupId: string, node: RuleNode, at?: number): RuleDoc {
  const target = find(doc.root, groupId);
  if (!target) return doc;
  if (target.kind !== 'group') {
    if (target.id !== doc.root.id) return doc;
    return withRoot(doc, newGroup('all', [doc.root, node]));
  }
  return onGroup(doc, groupId, (group) => {
    const index = Math.min(at ?? group.children.length, group.children.length);
    return { ...group, children: group.children.toSpliced(index, 0, node) };
  });
}

export function remove(doc: RuleDoc, id: string): RuleDoc {
  if (doc.root.id === id) return withRoot(doc, newGroup('all'));
  const parent = parentOf(doc.root, id);
  if (!parent) return doc;
  return onGroup(doc, parent.group.id, (group) => ({
    ...group,
    children: group.children.filter((child) => child.id !== id),
  }));
}

/** Moves a node before the child now at `at` of the group. Never into itself. */
export function move(doc: RuleDoc, id: string, groupId: string, at: number): RuleDoc {
  const node = find(doc.root, id);
  const from = parentOf(doc.root, id);
  if (!node || !from || find(node, groupId)) return doc;
  if (find(doc.root, groupId)?.kind !== 'group') return doc;
  const sameGroup = from.group.id === groupId;
  const index = sameGroup && from.index < at ? at - 1 : at;
  if (sameGroup && index === from.index) return doc;
  return insert(remove(doc, id), groupId, node, index);
}

export type Step = 'up' | 'down' | 'in' | 'out';

/** Moves by one step, for the keyboard: past a neighbour, into the group above, or out of its group. */
export function moveStep(doc: RuleDoc, id: string, step: Step): RuleDoc {
  const from = parentOf(doc.root, id);
  if (!from) return doc;
  const { group, index } = from;
  const outer = parentOf(doc.root, group.id);
  if (step === 'in') {
    const neighbour = [group.children[index - 1], group.children[index + 1]].find(
      (node) => node?.kind === 'group',
    );
    if (neighbour?.kind !== 'group') return doc;
    return move(doc, id, neighbour.id, neighbour.children.length);
  }
  if (step === 'up' && index > 0) return move(doc, id, group.id, index - 1);
  if (step === 'down' && index < group.children.length - 1) {
    return move(doc, id, group.id, index + 2);
  }
  if (!outer) return doc;
  return move(doc, id, outer.group.id, step === 'up' ? outer.index : outer.index + 1);
}

/** Puts a node into a new group of its own. */
export function wrap(doc: RuleDoc, id: string, mode: GroupMode): RuleDoc {
  return update(doc, id, (node) => newGroup(mode, [node]));
}

/** Gives a group's children to the group around it; a negated group keeps its walls. */
export function unwrap(doc: RuleDoc, id: string): RuleDoc {
  const node = find(doc.root, id);
  const parent = parentOf(doc.root, id);
  if (node?.kind !== 'group' || node.nots.length > 0 || !parent) return doc;
  return onGroup(doc, parent.group.id, (group) => ({
    ...group,
    children: group.children.toSpliced(parent.index, 1, ...node.children),
  }));
}

/** Adds a `not` around the node, or takes its innermost one away. */
export function negate(doc: RuleDoc, id: string): RuleDoc {
  return update(doc, id, (node) => ({
    ...node,
    nots: node.nots.length > 0 ? node.nots.slice(0, -1) : [{}],
  }));
}

export function setMode(doc: RuleDoc, id: string, mode: GroupMode, negated: boolean): RuleDoc {
  return onGroup(doc, id, (group) => {
    const nots = negated
      ? group.nots.length > 0
        ? group.nots
        : [{}]
      : group.nots.slice(0, -1);
    return { ...group, mode, nots };
  });
}

function copy(node: RuleNode): RuleNode {
  if (node.kind === 'group') {
    return { ...node, id: newId(), children: node.children.map(copy) };
  }
  const where = node.where?.map((filter) => ({ ...filter, id: newId() }));
  return { ...node, id: newId(), ...(where ? { where } : {}) };
}

export function duplicate(doc: RuleDoc, id: string): RuleDoc {
  const node = find(doc.root, id);
  const parent = parentOf(doc.root, id);
  if (!node || !parent) return doc;
  return insert(doc, parent.group.id, copy(node), parent.index + 1);
}

export function setZone(doc: RuleDoc, tz: string | null): RuleDoc {
  if (tz) return { ...doc, tz };
  const { tz: _dropped, ...rest } = doc;
  return rest;
}
