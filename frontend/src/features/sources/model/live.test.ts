import { describe, expect, it } from 'vitest';
import type { LiveRecord } from '@/api/types';
import { balances } from './ledger';
import { matching, merged } from './live';

const record = (seq: number, name: string, outcome: LiveRecord['outcome'] = 'accepted'): LiveRecord => ({
  seq,
  name,
  outcome,
  received_at: '2026-11-21T08:00:00Z',
  type: 'track',
  user_id: `user-${seq}`,
  message_id: `m${seq}`,
  raw: {},
});

describe('live debugger', () => {
  it('shows each record once, newest first, and not without end', () => {
    const known = [record(2, 'b'), record(1, 'a')];
    expect(merged(known, [record(3, 'c'), record(2, 'b')]).map((item) => item.seq)).toEqual([3, 2, 1]);
    expect(merged(known, [record(3, 'c')], 2).map((item) => item.seq)).toEqual([3, 2]);
  });
  it('filters by outcome and text', () => {
    const all = [record(1, 'Login'), record(2, 'play', 'quarantined')];
    expect(matching(all, { text: 'log', outcome: 'all' })).toHaveLength(1);
    expect(matching(all, { text: '', outcome: 'quarantined' })).toHaveLength(1);
    expect(matching(all, { text: 'user-2', outcome: 'accepted' })).toHaveLength(0);
  });
});

describe('ledger', () => {
  it('balances only if every record has one outcome', () => {
    const day = { received: 10, accepted: 7, anonymous: 2, duplicate: 2, quarantined: 1 };
    expect(balances(day)).toBe(true);
    expect(balances({ ...day, received: 11 })).toBe(false);
  });
});
