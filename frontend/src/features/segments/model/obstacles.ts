import type { Compiled } from '@/features/rules/model/compile';
import { lineNames } from '@/features/rules/model/lines';
import { type Draft, formNames, isPending } from '@/features/rules/model/draft';
import type { Work } from '@/features/rules/model/editing';
import type { RuleFault } from '@/api/types';

export interface Obstacle {
  /** Where it is mended: the name, the place to add a line, a line's id, or what is being typed. */
  at: 'name' | 'add' | { line: string } | { draft: Draft };
  text: string;
  /** It is on its way out by itself. */
  passing?: true;
}

function ofDraft(draft: Draft): Obstacle {
  const name = formNames[draft.form];
  const [fault] = draft.faults;
  if (!fault) return { at: { draft }, text: `The ${name} is still being read`, passing: true };
  if (draft.state === 'unreachable') return { at: { draft }, text: `The ${name} is not read yet: ${fault.detail}` };
  return { at: { draft }, text: `Repair or discard the ${name}: ${fault.detail}` };
}

/** What keeps a segment from being saved, in the order of the page. */
export function obstacles(name: string, { doc, draft }: Work, compiled: Compiled, faults: Map<string, RuleFault[]>): Obstacle[] {
  const found: Obstacle[] = name.trim() ? [] : [{ at: 'name', text: 'Give the segment a name' }];
  // The lines are not what was meant until the draft is read.
  if (isPending(draft)) return [...found, ofDraft(draft)];
  const names = lineNames(doc);
  for (const [line, words] of names) {
    const missing = compiled.incomplete.get(line);
    const fault = faults.get(line)?.[0];
    if (missing) found.push({ at: { line }, text: `Finish or remove ${words}: ${missing.charAt(0).toLowerCase()}${missing.slice(1)}` });
    else if (fault) found.push({ at: { line }, text: `Repair or remove ${words}: ${fault.detail}` });
  }
  for (const [line, [fault]] of faults) {
    if (fault && !names.has(line)) found.push({ at: { line }, text: fault.detail });
  }
  if (!compiled.rule && compiled.incomplete.size === 0) found.push({ at: 'add', text: 'Add a condition' });
  return found;
}
