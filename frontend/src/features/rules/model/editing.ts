import { begin, type History, record, redo, undo } from './history';
import type { Draft, Form, Reading } from './draft';
import { fromJson, type RuleDoc, toJson } from './tree';

/** The rule and what is being typed of it: undone and redone together. */
export interface Work {
  doc: RuleDoc;
  draft: Draft | null;
}

export interface Editing extends History<Work> {
  topic: string | undefined;
}

export type Edit = (doc: RuleDoc) => RuleDoc;

export type Move =
  /** Edits with the same topic in a row are one step for undo. */
  | { do: 'edit'; edit: Edit; topic?: string | undefined }
  | { do: 'type'; form: Form; text: string }
  /** A draft has been read. It is part of the step that typed it. */
  | { do: 'read'; draft: Draft; reading: Reading }
  /** What is typed from here on is another step. */
  | { do: 'rest' }
  | { do: 'discard' }
  | { do: 'undo' }
  | { do: 'redo' };

export function beginEditing(doc: RuleDoc): Editing {
  return { ...begin<Work>({ doc, draft: null }), topic: undefined };
}

function recorded(state: Editing, next: Work, topic?: string): Editing {
  return { ...record(state, next, topic !== undefined && topic === state.topic), topic };
}

function typed({ draft }: Work, form: Form, text: string): Draft {
  return { form, text, state: 'unread', faults: draft?.form === form ? draft.faults : [] };
}

function asRead({ doc }: Work, draft: Draft, reading: Reading): Work {
  if (!('rule' in reading)) return { doc, draft: { ...draft, ...reading } };
  const same = JSON.stringify(toJson(doc)) === JSON.stringify(reading.rule);
  return { doc: same ? doc : fromJson(reading.rule), draft: { ...draft, state: 'read', faults: [] } };
}

export function step(state: Editing, move: Move): Editing {
  const { present } = state;
  switch (move.do) {
    case 'undo':
      return { ...undo(state), topic: undefined };
    case 'redo':
      return { ...redo(state), topic: undefined };
    case 'rest':
      return { ...state, topic: undefined };
    case 'discard':
      return recorded(state, { ...present, draft: null });
    case 'type':
      return recorded(state, { ...present, draft: typed(present, move.form, move.text) }, `type ${move.form}`);
    case 'read':
      // Late answers to what no longer stands there are nobody's.
      return move.draft === present.draft ? { ...state, present: asRead(present, move.draft, move.reading) } : state;
    default: {
      const doc = move.edit(present.doc);
      return recorded(state, doc === present.doc ? present : { doc, draft: null }, move.topic);
    }
  }
}
