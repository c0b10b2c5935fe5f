import { expect, it } from 'vitest';
import { balances, sum } from './ledger';

const row = { received: 5, accepted: 3, anonymous: 1, duplicate: 1, quarantined: 1 };

it('sums the rows shown', () => {
  expect(sum([row, row])).toEqual({ received: 10, accepted: 6, anonymous: 2, duplicate: 2, quarantined: 2 });
  expect(sum([]).received).toBe(0);
});

it('balances when each message has one outcome', () => {
  expect([balances(row), balances({ ...row, accepted: 4 })]).toEqual([true, false]);
});
