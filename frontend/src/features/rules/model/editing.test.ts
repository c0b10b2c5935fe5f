import { describe, expect, it } from 'vitest';
import type { JsonObject } from '@/api/types';
import { type Draft, isPending, type Reading, readJson } from './draft';
import { beginEditing, type Editing, type Move, step } from './editing';
import { fromJson, toJson } from './tree';

const women: JsonObject = { trait: 'gender', op: 'eq', value: 'F' };
const grown: JsonObject = { trait: 'age', op: 'gte', value: 25 };
const start = () => beginEditing(fromJson(women));
const after = (state: Editing, ...moves: Move[]) => moves.reduce(step, state);
const type = (text: string): Move => ({ do: 'type', form: 'text', text });
const read = (state: Editing, reading: Reading) =>
  step(state, { do: 'read', draft: state.present.draft as Draft, reading });
const fault: Reading = { state: 'faulty', faults: [{ pointer: '', code: 'expected_value', detail: 'Expected a value.' }] };
const rule = (state: Editing) => toJson(state.present.doc);

describe('typing a rule', () => {
  it('waits until it is read, and is then the rule', () => {
    const typing = after(start(), type('age >= 2'), type('age >= 25'));
    expect([rule(typing), isPending(typing.present.draft)]).toEqual([women, true]);
    const done = read(typing, { rule: grown });
    expect([rule(done), isPending(done.present.draft), done.present.draft?.text]).toEqual([grown, false, 'age >= 25']);
  });

  it('is one step for undo, with its readings', () => {
    const first = read(after(start(), type('age >= 2')), { rule: { ...grown, value: 2 } });
    const done = read(after(first, type('age >= 25')), { rule: grown });
    const undone = after(done, { do: 'undo' });
    expect([rule(undone), undone.present.draft, undone.past]).toEqual([women, null, []]);
    const redone = after(undone, { do: 'redo' });
    expect([rule(redone), redone.present.draft?.text]).toEqual([grown, 'age >= 25']);
  });

  it('is another step after a rest', () => {
    const done = after(start(), type('a'), { do: 'rest' }, type('ab'));
    expect(after(done, { do: 'undo' }).present.draft?.text).toBe('a');
  });

  it('keeps the rule and what was typed when there is a fault', () => {
    const faulty = read(after(start(), type('age ==')), fault);
    expect([rule(faulty), faulty.present.draft?.text, faulty.present.draft?.state]).toEqual([women, 'age ==', 'faulty']);
    const mended = after(faulty, type('age = 2'));
    expect([mended.present.draft?.state, mended.present.draft?.faults.length]).toEqual(['unread', 1]);
    expect(read(mended, { rule: grown }).present.draft?.faults).toEqual([]);
  });

  it('brings a discarded draft back with undo', () => {
    const gone = after(read(after(start(), type('age ==')), fault), { do: 'discard' });
    expect([rule(gone), gone.present.draft]).toEqual([women, null]);
    expect(after(gone, { do: 'undo' }).present.draft?.text).toBe('age ==');
  });

  it('takes no answer to what was typed before', () => {
    const asked = after(start(), type('age >= 2'));
    const later = after(asked, type('age >= 25'));
    const late: Move = { do: 'read', draft: asked.present.draft as Draft, reading: { rule: women } };
    expect(step(later, late)).toBe(later);
  });

  it('keeps the lines of a rule that stays the same, and is over once a line is edited', () => {
    const same = read(after(start(), type('gender = "F"')), { rule: women });
    const begun = start();
    expect(read(after(begun, type('gender = "F"')), { rule: women }).present.doc).toBe(begun.present.doc);
    const edited = after(same, { do: 'edit', edit: () => fromJson(grown) });
    expect([rule(edited), edited.present.draft]).toEqual([grown, null]);
  });
});

describe('reading JSON', () => {
  it('wants an object', () => {
    expect(readJson('{"trait":"a"}')).toEqual({ rule: { trait: 'a' } });
    expect(readJson('[]')).toMatchObject({ state: 'faulty', faults: [{ detail: 'A rule is a JSON object.' }] });
  });
  it('says where it cannot be read', () => {
    const reading = readJson('{\n  "a" 1\n}');
    expect(reading).toMatchObject({ state: 'faulty', faults: [{ text: { offset: 8 } }] });
  });
});
