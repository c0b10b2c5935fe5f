import type { CampaignReport, WaterfallStep } from '@/api/types';

/** The steps from match to message, for a report that came without its own waterfall. */
export function steps(report: CampaignReport): WaterfallStep[] {
  const deliverable =
    report.matched - report.no_consent - report.suppressed - report.no_address - report.duplicate_address;
  return [
    { name: 'matched', count: report.matched },
    { name: 'no_consent', dropped: report.no_consent },
    { name: 'suppressed', dropped: report.suppressed },
    { name: 'no_address', dropped: report.no_address },
    { name: 'duplicate_address', dropped: report.duplicate_address },
    { name: 'deliverable', count: deliverable },
  ];
}

/** Share of the messages that have an outcome, 0 to 1. */
export function sentShare(report: CampaignReport): number {
  const settled = report.sent + report.failed + report.unknown + report.unsubscribed;
  const all = settled + report.queued + report.sending;
  return all > 0 ? settled / all : 0;
}

export const sampleBody = `<mjml>
  <mj-body background-color="#f4f6f5">
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text font-size="22px" font-weight="700">Hello {{ traits.first_name }}</mj-text>
        <mj-text>Write what you want to say here.</mj-text>
        <mj-button href="https://www.example.org">See more</mj-button>
        <mj-text font-size="12px"><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
`;
