/** Undo and redo over immutable documents. */
export interface History<T> {
  past: T[];
  present: T;
  future: T[];
}

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** Edits with the same `topic` in a row (typing in one field) are undone together. */
export function record<T>(history: History<T>, next: T, merge = false): History<T> {
  if (next === history.present) return history;
  const past = merge && history.past.length > 0 ? history.past : [...history.past, history.present];
  return { past: past.slice(-100), present: next, future: [] };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future };
}
