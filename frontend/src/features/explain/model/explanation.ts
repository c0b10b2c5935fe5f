import type { Evidence, ExplainedNode } from '@/api/explain';
import type { Json } from '@/api/types';

/** A line of the rule with the lines below it. */
export interface Line {
  node: ExplainedNode;
  below: Line[];
}

/** The nodes as a tree; they come in document order, each with its depth. */
export function lines(nodes: ExplainedNode[]): Line[] {
  const roots: Line[] = [];
  const open: Line[] = [];
  for (const node of nodes) {
    const line = { node, below: [] };
    const above = open[node.depth - 1];
    (above ? above.below : roots).push(line);
    open.length = node.depth;
    open.push(line);
  }
  return roots;
}

/** Whether there is more to show than the sentence says. */
export function hasEvidence(evidence: Evidence): boolean {
  switch (evidence.kind) {
    case 'everyone':
    case 'below':
    case 'list':
      return false;
    case 'trait':
      return evidence.updated_at !== null;
    case 'attribute':
      return evidence.key.updated_at !== null || evidence.literal.updated_at !== null;
    case 'first_time':
      return evidence.first !== null || evidence.near.length > 0;
    case 'sequence':
      return evidence.chain.length > 0 || evidence.near.length > 0;
    case 'event':
      return evidence.events.length > 0 || evidence.near.length > 0;
    case 'regular':
    case 'top':
    case 'segment':
      return true;
  }
}

const most = 3;

/** Lines whose evidence is open at first: those on which the answer hangs, while they are few. */
export function openAtFirst(nodes: ExplainedNode[]): string[] {
  const telling = nodes.filter((node) => node.decisive && node.evidence.kind !== 'segment' && hasEvidence(node.evidence));
  return telling.length <= most ? telling.map((node) => node.pointer) : [];
}

/** A value as it reads in a cell. */
export function shown(value: Json | undefined): string {
  if (value === null || value === undefined) return 'not set';
  if (Array.isArray(value)) return value.length > 0 ? value.map(shown).join(', ') : 'empty list';
  if (value === '') return 'empty text';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** What `<input type="datetime-local">` holds, as an instant; nothing if it holds none. */
export function instantOf(local: string): string | undefined {
  const date = new Date(local);
  return local && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined;
}

/** An instant as the latest that the input may hold. */
export function localOf(date: Date): string {
  const two = (number: number) => String(number).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
