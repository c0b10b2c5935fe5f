import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/api/types';
import { compile, placeFaults } from './compile';
import { duplicate, find, insert, move, moveStep, negate, remove, setMode, unwrap, update, wrap } from './edit';
import { fromJson, type Group, newDoc, newGroup, newLeaf, type RuleDoc, toJson } from './tree';

const women: JsonObject = { trait: 'gender', op: 'eq', value: 'F' };
const grown: JsonObject = { trait: 'age', op: 'between', value: [25, 49] };
const watched: JsonObject = {
  event: 'video_view',
  where: [{ property: 'programme', op: 'eq', value: 'NCIS' }, { any: [{ property: 'a', op: 'is_set' }] }],
  window: { last: '30d', shift: '1y' },
  value: 3,
};
const rule: JsonObject = {
  tz: 'Europe/Paris',
  all: [
    women,
    { any: [grown, { not: { label: 'inner', any: [{ list: 'staff' }] }, label: 'outer' }] },
    watched,
    { not: { not: { segment: 's1' } } },
  ],
};

const kept: JsonObject[] = [
  rule,
  women,
  { tz: 'UTC', not: women },
  { everyone: true, label: 'all users' },
  { all: [] },
  { sequence: [{ event: 'a' }, { event: 'b', within: '1d' }], window: { last: '7d' } },
  { first_time: { event: 'login', window: { calendar: 'this_month' } } },
  { all: [{ top: { percent: 10, by: { event: 'pay', agg: 'sum', of: 'amount' } } }, women] },
  { event: ['a', 'b'], where: [], op: 'eq', value: 0 },
  { event: '*', window: { season: { property: 'programme', value: 'NCIS' } }, agg: 'days', op: 'gte', value: 2 },
  { trait: 'x', op: 'eq', value: 'y', unheard_of: 1 },
  { all: [women], tz: 7 },
  { not: [women] },
  { any: [women, 'text'] },
];

function ids(doc: RuleDoc): string[] {
  return (doc.root as Group).children.map((child) => child.id);
}

describe('round trip', () => {
  it.each(kept.map((json) => [JSON.stringify(json).slice(0, 60), json]))('keeps %s', (_name, json) => {
    expect(toJson(fromJson(json as JsonObject))).toEqual(json);
  });

  it('holds what it cannot show in a raw leaf', () => {
    const doc = fromJson({ all: [{ sequence: [{ event: 'a' }] }] });
    expect((doc.root as Group).children[0]?.kind).toBe('raw');
  });
});

describe('edits', () => {
  const start = () => fromJson({ all: [women, grown, { any: [watched] }] });

  it('moves between groups and leaves the rest alone', () => {
    const doc = start();
    const [first, , group] = ids(doc);
    const next = move(doc, first!, group!, 1);
    expect(toJson(next)).toEqual({ all: [grown, { any: [watched, women] }] });
    expect(toJson(doc)).toEqual({ all: [women, grown, { any: [watched] }] });
  });

  it('moves down inside one group', () => {
    const doc = start();
    const [first] = ids(doc);
    expect(toJson(move(doc, first!, doc.root.id, 2))).toEqual({ all: [grown, women, { any: [watched] }] });
    expect(move(doc, first!, doc.root.id, 1)).toBe(doc);
  });

  it('refuses to move a group into itself', () => {
    const doc = fromJson({ all: [{ any: [{ all: [women] }] }] });
    const outer = (doc.root as Group).children[0] as Group;
    const inner = outer.children[0]!;
    expect(move(doc, outer.id, inner.id, 0)).toBe(doc);
    expect(move(doc, doc.root.id, inner.id, 0)).toBe(doc);
  });

  it('steps past neighbours, into and out of groups', () => {
    const doc = start();
    const [, second] = ids(doc);
    const inside = moveStep(doc, second!, 'in');
    expect(toJson(inside)).toEqual({ all: [women, { any: [watched, grown] }] });
    expect(toJson(moveStep(inside, second!, 'out'))).toEqual({ all: [women, { any: [watched] }, grown] });
    expect(toJson(moveStep(doc, second!, 'up'))).toEqual({ all: [grown, women, { any: [watched] }] });
    expect(moveStep(doc, ids(doc)[0]!, 'up')).toBe(doc);
  });

  it('negates, wraps, unwraps, duplicates and removes', () => {
    const doc = start();
    const [first, , group] = ids(doc);
    expect(toJson(negate(doc, first!))).toEqual({ all: [{ not: women }, grown, { any: [watched] }] });
    expect(toJson(negate(negate(doc, first!), first!))).toEqual(toJson(doc));
    expect(toJson(wrap(doc, first!, 'any'))).toEqual({ all: [{ any: [women] }, grown, { any: [watched] }] });
    expect(toJson(unwrap(doc, group!))).toEqual({ all: [women, grown, watched] });
    expect(unwrap(negate(doc, group!), group!)).not.toEqual(unwrap(doc, group!));
    expect(toJson(duplicate(doc, first!))).toEqual({ all: [women, women, grown, { any: [watched] }] });
    expect(toJson(remove(doc, group!))).toEqual({ all: [women, grown] });
    expect(toJson(setMode(doc, group!, 'any', true))).toEqual({ all: [women, grown, { not: { any: [watched] } }] });
  });

  it('adds beside a rule that is one bare condition', () => {
    const doc = fromJson({ tz: 'Asia/Tokyo', ...women });
    expect(toJson(insert(doc, doc.root.id, newLeaf('everyone')))).toEqual({
      tz: 'Asia/Tokyo',
      all: [women, { everyone: true }],
    });
    expect(toJson(remove(doc, doc.root.id))).toEqual({ tz: 'Asia/Tokyo', all: [] });
  });
});

describe('compile', () => {
  it('gives every line its pointer, through not', () => {
    const doc = fromJson(rule);
    const { rule: compiled, pointers, incomplete } = compile(doc);
    expect(compiled).toEqual(rule);
    expect(incomplete.size).toBe(0);
    expect([...pointers.values()].sort()).toEqual(
      ['', '/all/0', '/all/1', '/all/1/any/0', '/all/1/any/1', '/all/1/any/1/not/any/0', '/all/2', '/all/2/where/0', '/all/2/where/1', '/all/3'].sort(),
    );
  });

  it('leaves unfinished lines out and shifts the pointers after them', () => {
    let doc = fromJson({ all: [women] });
    const blank = newLeaf('trait');
    doc = insert(doc, doc.root.id, blank, 0);
    doc = insert(doc, doc.root.id, newGroup('any', [newLeaf('event')]));
    const { rule: compiled, pointers, incomplete } = compile(doc);
    expect(compiled).toEqual({ all: [women] });
    expect(pointers.get(ids(doc)[1]!)).toBe('/all/0');
    expect(incomplete.get(blank.id)).toBe('Pick a trait');
    expect(incomplete.size).toBe(2);
  });

  it('has no rule when nothing is finished', () => {
    expect(compile(newDoc()).rule).toBeNull();
  });

  it('leaves an unfinished filter out of a finished line', () => {
    const doc = fromJson({ all: [{ event: 'a', where: [{ property: 'p', op: 'eq' }, { property: 'q', op: 'is_set' }] }] });
    const { rule: compiled, pointers, incomplete } = compile(doc);
    expect(compiled).toEqual({ all: [{ event: 'a', where: [{ property: 'q', op: 'is_set' }] }] });
    expect([...incomplete.values()]).toEqual(['Give a value']);
    expect([...pointers.values()]).toContain('/all/0/where/0');
  });

  it.each([
    [{ trait: 'a', op: 'between', value: [1, null] }, 'Give a value'],
    [{ trait: 'a', op: 'in', value: [] }, 'Give a value'],
    [{ trait: 'a', op: 'eq', value: '' }, undefined],
    [{ trait: 'a', op: 'is_set' }, undefined],
    [{ event: 'a', agg: 'sum', op: 'gte', value: 1 }, 'Pick a property to measure'],
    [{ event: 'a', agg: 'days' }, 'Pick a comparison'],
    [{ event: 'a', window: { last: '' } }, 'Give the length of the window'],
    [{ event: 'a', op: 'lte', value: null }, 'Give a value'],
    [{ event: 'a', op: 'lte' }, undefined],
    [{ event: 'a' }, undefined],
  ])('%j is missing %s', (json, missing) => {
    const doc = fromJson(json as JsonObject);
    expect(compile(doc).incomplete.get(doc.root.id)).toBe(missing);
  });

  it('places a fault at the nearest line', () => {
    const doc = fromJson({ all: [women, { not: watched }] });
    const { pointers } = compile(doc);
    const [first, second] = ids(doc);
    const leaf = find(doc.root, second!);
    const placed = placeFaults(
      [{ pointer: '/all/0/value' }, { pointer: '/all/1/not/where/0/op' }, { pointer: '/all/1/not/window' }, { pointer: '/tz' }],
      pointers,
    );
    expect(placed.get(first!)).toEqual([{ pointer: '/all/0/value' }]);
    expect(placed.get(second!)).toEqual([{ pointer: '/all/1/not/window' }]);
    expect(leaf && leaf.kind !== 'group' && placed.get(leaf.where![0]!.id)).toEqual([{ pointer: '/all/1/not/where/0/op' }]);
    expect(placed.get(doc.root.id)).toEqual([{ pointer: '/tz' }]);
  });

  it('keeps ids across edits so that counts stay with their lines', () => {
    const doc = fromJson({ all: [women, grown] });
    const [first] = ids(doc);
    const next = update(doc, first!, (node) => ({ ...node, nots: [{}] }));
    expect(ids(next)).toEqual(ids(doc));
  });
});
