import { expect, it } from 'vitest';
import type { Draft } from '@/features/rules/model/draft';
import { compile } from '@/features/rules/model/compile';
import { fromJson, newDoc } from '@/features/rules/model/tree';
import { obstacles } from './obstacles';

it('an empty segment lacks a name and a condition', () => {
  const doc = newDoc();
  expect(obstacles(' ', { doc, draft: null }, compile(doc), new Map()).map(({ at }) => at)).toEqual(['name', 'add']);
});

it('says which line is unfinished or refused', () => {
  const doc = fromJson({
    all: [{ event: 'video_view', where: [{ property: '', op: 'eq' }] }, { trait: '' }, { trait: 'age', op: 'eq', value: 3 }],
  });
  const compiled = compile(doc);
  const age = [...compiled.pointers].find(([, pointer]) => pointer === '/all/1')?.[0] ?? '';
  const faults = new Map([[age, [{ pointer: '/all/1/value', code: 'wrong_type', detail: 'Not a text.' }]]]);
  expect(obstacles('Named', { doc, draft: null }, compiled, faults).map(({ text }) => text)).toEqual([
    'Finish or remove the new filter of “video_view”: pick a property',
    'Finish or remove the new trait: pick a trait',
    'Repair or remove the trait “age”: Not a text.',
  ]);
});

it('waits for what is being typed, and says what is wrong with it instead of what is wrong with the lines', () => {
  const doc = fromJson({ trait: '' });
  const found = (draft: Draft) => obstacles('Named', { doc, draft }, compile(doc), new Map()).map(({ text }) => text);
  const draft: Draft = { form: 'text', text: 'age ==', state: 'unread', faults: [] };
  expect(found(draft)).toEqual(['The text is still being read']);
  const faults = [{ pointer: '', code: 'expected_value', detail: 'Expected a value.' }];
  expect(found({ ...draft, form: 'json', state: 'faulty', faults })).toEqual(['Repair or discard the JSON: Expected a value.']);
  expect(found({ ...draft, state: 'read' })).toEqual(['Finish or remove the new trait: pick a trait']);
});
