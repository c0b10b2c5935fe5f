import type { Compiled } from '@/features/rules/model/compile';
import { lineNames } from '@/features/rules/model/lines';
import type { RuleDoc } from '@/features/rules/model/tree';
import type { RuleFault } from '@/api/types';

export interface Obstacle {
  /** Where it is mended: the name, the place to add a line, or a line's id. */
  at: 'name' | 'add' | { line: string };
  text: string;
}

/** What keeps a segment from being saved, in the order of the page. */
export function obstacles(name: string, doc: RuleDoc, compiled: Compiled, faults: Map<string, RuleFault[]>): Obstacle[] {
  const names = lineNames(doc);
  const found: Obstacle[] = name.trim() ? [] : [{ at: 'name', text: 'Give the segment a name' }];
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
