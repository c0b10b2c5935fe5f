import type { LedgerCounts } from '@/api/types';

/** The columns every received record ends in, exactly one each. Anonymous events are among the accepted. */
export const outcomes: { key: 'accepted' | 'duplicate' | 'quarantined'; label: string; color: string }[] = [
  { key: 'accepted', label: 'Accepted', color: 'var(--mantine-color-brand-5)' },
  { key: 'duplicate', label: 'Duplicate', color: '#c99a2e' },
  { key: 'quarantined', label: 'Quarantined', color: '#c85a52' },
];

/** received = accepted + duplicate + quarantined */
export function balances(counts: LedgerCounts): boolean {
  return counts.received === counts.accepted + counts.duplicate + counts.quarantined;
}
