import { useMemo, useReducer, useState } from 'react';
import type { Draft, Form } from '../model/draft';
import { beginEditing, type Edit, step } from '../model/editing';
import type { RuleDoc } from '../model/tree';
import { useDraftReading } from './useDraftReading';

export type View = 'builder' | Form;

export interface RuleEditor {
  doc: RuleDoc;
  /** What is being typed; read into `doc` as soon as the keys rest and it can be read. */
  draft: Draft | null;
  view: View;
  show: (view: View) => void;
  /** Edits with the same topic in a row are one step for undo. */
  edit: (change: Edit, topic?: string) => void;
  type: (form: Form, text: string) => void;
  /** Ends a run of typing, which is one step for undo. */
  rest: () => void;
  discard: () => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  changed: boolean;
}

export function useRuleEditor(initial: () => RuleDoc): RuleEditor {
  const [state, dispatch] = useReducer(step, undefined, () => beginEditing(initial()));
  const [view, show] = useState<View>('builder');
  useDraftReading(state.present.draft, dispatch);
  const moves = useMemo(
    () => ({
      edit: (change: Edit, topic?: string) => dispatch({ do: 'edit', edit: change, topic }),
      type: (form: Form, text: string) => dispatch({ do: 'type', form, text }),
      rest: () => dispatch({ do: 'rest' }),
      discard: () => dispatch({ do: 'discard' }),
      undo: () => dispatch({ do: 'undo' }),
      redo: () => dispatch({ do: 'redo' }),
    }),
    [],
  );
  return useMemo(
    () => ({
      ...moves,
      ...state.present,
      view,
      show,
      canUndo: state.past.length > 0,
      canRedo: state.future.length > 0,
      changed: state.past.length > 0,
    }),
    [state, view, moves],
  );
}
