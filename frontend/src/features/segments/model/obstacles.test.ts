import { expect, it } from 'vitest';
import { compile } from '@/features/rules/model/compile';
import { fromJson, newDoc } from '@/features/rules/model/tree';
import { obstacles } from './obstacles';

it('an empty segment lacks a name and a condition', () => {
  const doc = newDoc();
  expect(obstacles(' ', doc, compile(doc), new Map()).map(({ at }) => at)).toEqual(['name', 'add']);
});

it('says which line is unfinished or refused', () => {
  const doc = fromJson({
    all: [{ event: 'video_view', where: [{ property: '', op: 'eq' }] }, { trait: '' }, { trait: 'age', op: 'eq', value: 3 }],
  });
  const compiled = compile(doc);
  const age = [...compiled.pointers].find(([, pointer]) => pointer === '/all/1')?.[0] ?? '';
  const faults = new Map([[age, [{ pointer: '/all/1/value', code: 'wrong_type', detail: 'Not a text.' }]]]);
  expect(obstacles('Named', doc, compiled, faults).map(({ text }) => text)).toEqual([
    'Finish or remove the new filter of “video_view”: pick a property',
    'Finish or remove the new trait: pick a trait',
    'Repair or remove the trait “age”: Not a text.',
  ]);
});
