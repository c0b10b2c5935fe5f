import type { JsonObject, RuleFault } from '@/api/types';
import { isObject } from './tree';

export type Form = 'text' | 'json';

/** A rule being typed. It lives beside the rule, so that what cannot be read yet is not lost when one looks elsewhere. */
export interface Draft {
  form: Form;
  text: string;
  /** `unread` and `unreachable` are read by and by; of a `read` draft the rule says the same. */
  state: 'unread' | 'unreachable' | 'faulty' | 'read';
  /** What is wrong with it; while it is unread, with what stood here before. */
  faults: RuleFault[];
}

export type Reading = { rule: JsonObject } | { state: 'faulty' | 'unreachable'; faults: RuleFault[] };

/** What a draft is called on the page. */
export const formNames: Record<Form, string> = { text: 'text', json: 'JSON' };

/** Whether the rule is not yet what was typed. */
export function isPending(draft: Draft | null): draft is Draft {
  return draft !== null && draft.state !== 'read';
}

function jsonFault(message: string): RuleFault {
  const place = /at position (\d+)(?: \(line (\d+) column (\d+)\))?/.exec(message);
  const fault: RuleFault = { pointer: '', code: 'not_json', detail: message };
  if (!place) return fault;
  const [offset, line, column] = place.slice(1).map(Number);
  return { ...fault, text: { line: line ?? 1, column: column ?? 1, offset: offset ?? 0, length: 1 } };
}

export function readJson(text: string): Reading {
  try {
    const json: unknown = JSON.parse(text);
    return isObject(json) ? { rule: json } : { state: 'faulty', faults: [jsonFault('A rule is a JSON object.')] };
  } catch (error) {
    return { state: 'faulty', faults: [jsonFault(error instanceof Error ? error.message : 'This is not JSON.')] };
  }
}
