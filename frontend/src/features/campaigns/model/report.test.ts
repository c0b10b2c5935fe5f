import { expect, it } from 'vitest';
import type { CampaignReport } from '@/api/types';
import { addsUp } from '@/ui/waterfallSteps';
import { sentShare, steps } from './report';

const report: CampaignReport = {
  matched: 100,
  no_consent: 20,
  suppressed: 5,
  no_address: 4,
  duplicate_address: 1,
  queued: 30,
  sending: 10,
  sent: 25,
  failed: 3,
  unknown: 1,
  unsubscribed: 1,
};

it('accounts for every matched user', () => {
  expect(addsUp(steps(report))).toBe(true);
  expect(steps(report).at(-1)).toEqual({ name: 'deliverable', count: 70 });
});

it('tells how far sending is', () => {
  expect(sentShare(report)).toBeCloseTo(30 / 70);
});
