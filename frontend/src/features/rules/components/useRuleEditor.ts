import { useCallback, useMemo, useReducer } from 'react';
import { begin, type History, record, redo, undo } from '../model/history';
import type { RuleDoc } from '../model/tree';

type Edit = (doc: RuleDoc) => RuleDoc;
interface State extends History<RuleDoc> {
  topic: string | undefined;
}
type Move = { do: 'edit'; edit: Edit; topic?: string | undefined } | { do: 'undo' } | { do: 'redo' };

function step(state: State, move: Move): State {
  if (move.do === 'undo') return { ...undo(state), topic: undefined };
  if (move.do === 'redo') return { ...redo(state), topic: undefined };
  const next = move.edit(state.present);
  const merge = move.topic !== undefined && move.topic === state.topic;
  return { ...record(state, next, merge), topic: move.topic };
}

export interface RuleEditor {
  doc: RuleDoc;
  /** Edits with the same topic in a row are one step for undo. */
  edit: (change: Edit, topic?: string) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  changed: boolean;
}

export function useRuleEditor(initial: () => RuleDoc): RuleEditor {
  const [state, dispatch] = useReducer(step, undefined, () => ({
    ...begin(initial()),
    topic: undefined,
  }));
  const edit = useCallback(
    (change: Edit, topic?: string) => dispatch({ do: 'edit', edit: change, topic }),
    [],
  );
  return useMemo(
    () => ({
      doc: state.present,
      edit,
      undo: () => dispatch({ do: 'undo' }),
      redo: () => dispatch({ do: 'redo' }),
      canUndo: state.past.length > 0,
      canRedo: state.future.length > 0,
      changed: state.past.length > 0,
    }),
    [state, edit],
  );
}
