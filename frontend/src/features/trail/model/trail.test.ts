import { expect, it } from 'vitest';
import type { TrailEntry } from '@/api/types';
import { actionWords, detailWords, pageOf, toldNames } from './trail';

const entry = (fields: Partial<TrailEntry>) => ({ target_kind: null, target_id: null, detail: null, ...fields }) as TrailEntry;

it('speaks plainly, and keeps what it does not know', () => {
  expect(actionWords('session.start')).toBe('signed in');
  expect(actionWords('thing.turn_over')).toBe('thing turn over');
});

it('leads to the page of a thing', () => {
  expect(pageOf(entry({ target_kind: 'segment', target_id: 's' }))).toBe('/segments/s');
  expect(pageOf(entry({ target_kind: 'build', target_id: 'b', detail: { recount_id: 'r' } }))).toBe('/recounts/r');
  expect(pageOf(entry({ target_kind: 'account', target_id: 'a' }))).toBeNull();
});

it('notes what changed, with short ids', () => {
  const detail = { role: null, disabled: true, count: 1234, build_id: '01a1fdc6-c379-7a10-8ffd-e5d4b80b659c' };
  expect(detailWords(detail)).toBe('disabled: yes, count: 1,234, build id: …b80b659c');
});

it('takes the name of an API key from where it is told', () => {
  const made = entry({ action: 'api_key.create', actor: 'Ada', actor_id: 'a', target_id: 'k', detail: { name: 'CRM' } });
  const older = entry({ action: 'api_key.revoke', actor: 'Ada', actor_id: 'a', target_id: 'l', detail: null });
  expect(new Map(toldNames([made, older]))).toEqual(new Map([['a', 'Ada'], ['k', 'CRM']]));
});
