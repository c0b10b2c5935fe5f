import '@mantine/charts/styles.css';
import { AreaChart } from '@mantine/charts';
import type { HistoryPoint } from '@/api/types';
import { compact, instant, number } from '@/ui/format';
import { momentLabels, sizeTicks } from '../model/axis';

/** The size at every count; a dotted line where a new version of the rule took over. */
export default function SizeChart({ points }: { points: HistoryPoint[] }) {
  const data = points
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((point) => ({ at: point.at, Users: point.count, version: point.version }));
  const edits = data.filter((point, index) => index > 0 && data[index - 1]?.version !== point.version);
  const labels = momentLabels(data.map((point) => point.at));
  const ticks = sizeTicks(data.map((point) => point.Users));
  const short = new Set(ticks.map(compact)).size === ticks.length;
  const size = (ticks.at(-1) ?? 0) >= 1e6 && short ? compact : number;
  const late = new Set(data.slice(Math.floor(data.length / 2)).map((point) => point.at));
  const first = data[0];
  const last = data.at(-1);
  return (
    <figure style={{ margin: 0 }}>
      <AreaChart
        h={280}
        data={data}
        dataKey="at"
        series={[{ name: 'Users', color: 'brand.5' }]}
        curveType="stepAfter"
        withDots={data.length < 40}
        dotProps={{ r: 2.5 }}
        valueFormatter={number}
        yAxisProps={{ width: 78, ticks, interval: 0, tickFormatter: size, domain: [ticks[0] ?? 0, ticks.at(-1) ?? 1] }}
        xAxisProps={{ tickFormatter: (at: string) => labels.get(at) ?? at, minTickGap: 24, padding: { left: 8, right: 16 } }}
        referenceLines={edits.map((edit) => ({
          x: edit.at,
          label: `v${edit.version}`,
          color: 'gray.5',
          labelPosition: late.has(edit.at) ? 'insideBottomRight' : 'insideBottomLeft',
        }))}
        tooltipProps={{ labelFormatter: (label) => instant(String(label)) }}
        gridAxis="x"
        fillOpacity={0.18}
      />
      <figcaption style={{ fontSize: 12, color: 'var(--mantine-color-dimmed)' }}>
        {data.length === 1 && last && `${number(last.Users)} users on ${instant(last.at)}, the only count in this span.`}
        {data.length > 1 && first && last &&
          `From ${number(first.Users)} users on ${instant(first.at)} to ${number(last.Users)} on ${instant(last.at)}.`}
      </figcaption>
    </figure>
  );
}
