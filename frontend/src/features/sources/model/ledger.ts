import type { LedgerCounts } from '@/api/types';

/** The columns every received record ends in, exactly one each. Anonymous events are among the accepted. */
export const outcomes: { key: 'accepted' | 'duplicate' | 'quarantined'; label: string; color: string }[] = [
  { key: 'accepted', label: 'Accepted', color: 'var(--mantine-color-brand-5)' },
  { key: 'duplicate', label: 'Duplicate', color: '#c99a2e' },
  { key: 'quarantined', label: 'Quarantined', color: '#c85a52' },
];

/** What the rows hold together. */
export function sum(rows: LedgerCounts[]): LedgerCounts {
  const of = (key: keyof LedgerCounts) => rows.reduce((total, row) => total + row[key], 0);
  return {
    received: of('received'),
    accepted: of('accepted'),
    anonymous: of('anonymous'),
    duplicate: of('duplicate'),
    quarantined: of('quarantined'),
  };
}

/** received = accepted + duplicate + quarantined */
export function balances(counts: LedgerCounts): boolean {
  return counts.received === counts.accepted + counts.duplicate + counts.quarantined;
}
