import { Card } from '@mantine/core';
import type { Segment } from '@/api/types';
import { Bar, Change, Digest, When } from '@/ui/bits';
import { instant, milliseconds, number, ofPopulation, percent } from '@/ui/format';
import { StatCard } from '@/ui/page';
import { Term } from '@/ui/term';

export function SegmentNumbers({ segment: { latest, freshness } }: { segment: Segment }) {
  if (!latest) return null;
  return (
    <Card p={0} mb="md">
      <div className="rc-stats">
        <StatCard
          label="Members"
          value={number(latest.count)}
          note={
            <>
              {ofPopulation(latest.count, latest.population)} ({percent(latest.count, latest.population)})
              <div style={{ marginTop: 6 }}>
                <Bar part={latest.count} of={latest.population} />
              </div>
            </>
          }
        />
        <StatCard label="Since yesterday" value={<Change value={latest.change} />} note="against the last count of the day before" />
        <StatCard
          label="Counted"
          value={<When at={latest.instant} />}
          note={
            <>
              {instant(latest.instant)}, up to <Term name="entry">entry</Term> {number(latest.watermark_seq)}
            </>
          }
        />
        <StatCard
          label={<Term name="digest">Digest of the members</Term>}
          value={<span style={{ fontSize: 16 }}><Digest value={latest.digest} /></span>}
          note={`Took ${milliseconds(latest.cost_ms)}. Checked ${freshness.checked_at ? instant(freshness.checked_at) : 'never'}`}
        />
      </div>
    </Card>
  );
}
