import { createContext, useContext } from 'react';
import type { RuleFault, Schema, SchemaField } from '@/api/types';
import type { Form } from '../model/draft';
import type { LiveCounts } from './usePreview';
import type { RuleEditor } from './useRuleEditor';

export interface Named {
  id: string;
  name: string;
  count: number | null;
}

export interface Builder {
  editor: RuleEditor;
  live: LiveCounts;
  schema: Schema;
  segments: Named[];
  lists: Named[];
  /** Properties and traits that are linked to a catalogue. */
  links: string[];
  dragging: string | null;
  setDragging: (id: string | null) => void;
}

export const BuilderContext = createContext<Builder | null>(null);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (!builder) throw new Error('used outside the rule builder');
  return builder;
}

/** Goes to what is still empty in a line or filter, once it is drawn; its list of choices opens with that. */
export function focusLine(id: string): void {
  requestAnimationFrame(() => {
    const line = document.querySelector(`[data-node="${id}"], [data-filter="${id}"]`);
    const fields = [...(line?.querySelectorAll<HTMLInputElement>('input:not([type=hidden], [disabled])') ?? [])];
    (fields.find((field) => field.value === '') ?? fields[0])?.focus();
    line?.scrollIntoView({ block: 'nearest' });
  });
}

/** Goes to the first place to add a line, once it is drawn. */
export function focusAdding(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.rb-add button')?.focus());
}

/** Goes to what is being typed, once it is drawn, and to the place of a fault in it. */
export function focusDraft(form: Form, fault?: RuleFault): void {
  requestAnimationFrame(() => {
    const area = document.querySelector<HTMLTextAreaElement>(`#rule-${form}`);
    area?.focus();
    const place = fault?.text;
    if (place) area?.setSelectionRange(place.offset, place.offset + Math.max(1, place.length));
  });
}

/** Goes to the choice of views, for when what had the focus is gone. */
export function focusViews(): void {
  document.querySelector<HTMLInputElement>('.rb-views input:checked')?.focus();
}

/** The properties of these events together; of every event for `*`. */
export function propertiesOf(schema: Schema, events: string[]): SchemaField[] {
  const fields = new Map<string, SchemaField>();
  for (const event of schema.events) {
    if (!events.includes('*') && !events.includes(event.name)) continue;
    for (const property of event.properties) fields.set(property.path, property);
  }
  return [...fields.values()].sort((a, b) => a.path.localeCompare(b.path));
}

/** An event that has the property, to take suggestions from. */
export function eventWith(schema: Schema, events: string[], property: string): string | null {
  const found = schema.events.find(
    (event) =>
      (events.includes('*') || events.includes(event.name)) &&
      event.properties.some((field) => field.path === property),
  );
  return found?.name ?? null;
}
