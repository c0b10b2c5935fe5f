import { describe, expect, it } from 'vitest';
import type { Evidence, ExplainedNode } from '@/api/explain';
import { hasEvidence, instantOf, lines, localOf, openAtFirst, shown } from './explanation';

const node = (pointer: string, depth: number, more: Partial<ExplainedNode> = {}): ExplainedNode => ({
  pointer, depth, words: pointer, label: null, holds: true, decisive: true, sentence: '', evidence: { kind: 'everyone' }, ...more,
});
const trait = (updated_at: string | null): Evidence => ({
  kind: 'trait', path: 'plan', value: updated_at && 'gold', since: updated_at, updated_at, updated_seq: updated_at ? 7 : null, before: null,
});
const set = trait('2026-03-01T10:00:00Z');

describe('the lines of a rule', () => {
  it('stand below each other as in the rule', () => {
    const [root, ...others] = lines([node('', 0), node('/all/0', 1), node('/all/0/not', 2), node('/all/1', 1)]);
    expect(others).toEqual([]);
    expect(root?.below.map((line) => line.node.pointer)).toEqual(['/all/0', '/all/1']);
    expect(root?.below[0]?.below.map((line) => line.node.pointer)).toEqual(['/all/0/not']);
    expect(lines([])).toEqual([]);
  });

  it('show their evidence at first where the answer hangs on them, unless that is too much', () => {
    const telling = (at: string) => node(at, 1, { evidence: set });
    const other = node('/all/9', 1, { evidence: set, decisive: false });
    expect(openAtFirst([node('', 0), telling('/all/0'), other])).toEqual(['/all/0']);
    expect(openAtFirst(['/a', '/b', '/c', '/d'].map(telling))).toEqual([]);
  });
});

it('offers evidence only where there is some', () => {
  expect(hasEvidence(set)).toBe(true);
  expect(hasEvidence(trait(null))).toBe(false);
  expect(hasEvidence({ kind: 'event', from: null, to: null, measured: { value: 0 }, matching: 0, events: [], near: [] })).toBe(false);
});

it('reads values', () => {
  expect([null, '', [], ['a', 1], { b: true }, false].map(shown)).toEqual([
    'not set', 'empty text', 'empty list', 'a, 1', '{"b":true}', 'false',
  ]);
});

it('turns what the input holds into an instant and back', () => {
  const date = new Date(2026, 10, 5, 9, 7);
  expect(localOf(date)).toBe('2026-11-05T09:07');
  expect(instantOf(localOf(date))).toBe(date.toISOString());
  expect(instantOf('')).toBeUndefined();
  expect(instantOf('soon')).toBeUndefined();
});
