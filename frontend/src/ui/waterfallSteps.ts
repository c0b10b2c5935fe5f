import type { WaterfallStep } from '@/api/types';

export interface WaterfallRow {
  name: string;
  label: string;
  /** Users at this step; for a drop, how many fall out here. */
  amount: number;
  drop: boolean;
  /** Users left after this step. */
  left: number;
}

const labels: Record<string, string> = {
  matched: 'Match the rule',
  no_consent: 'No consent for this purpose',
  suppressed: 'On the suppression list',
  no_address: 'No e-mail address',
  duplicate_address: 'Address already in the list',
  deliverable: 'Can be delivered',
  queued: 'Waiting to be sent',
  sending: 'Being sent',
  sent: 'Sent',
  failed: 'Failed',
  unknown: 'Outcome unknown',
  unsubscribed: 'Unsubscribed meanwhile',
};

export function stepLabel(name: string): string {
  return labels[name] ?? name.replaceAll('_', ' ');
}

export function waterfallRows(steps: WaterfallStep[]): WaterfallRow[] {
  let left = 0;
  return steps.map((step) => {
    const drop = step.dropped !== undefined && step.dropped !== null;
    const amount = (drop ? step.dropped : step.count) ?? 0;
    left = drop ? left - amount : amount;
    return { name: step.name, label: stepLabel(step.name), amount, drop, left };
  });
}

/** Whether every user that matched is either dropped by name or delivered. */
export function addsUp(steps: WaterfallStep[]): boolean {
  const counts = steps.filter((step) => step.count !== undefined && step.count !== null);
  const first = counts[0]?.count ?? 0;
  const last = counts.at(-1)?.count ?? 0;
  const dropped = steps.reduce((sum, step) => sum + (step.dropped ?? 0), 0);
  return first - dropped === last;
}
