import '@mantine/charts/styles.css';
import { AreaChart } from '@mantine/charts';
import type { HistoryPoint } from '@/api/types';
import { compact, instant, number } from '@/ui/format';

const short = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The size at every count; a dotted line where a new version of the rule took over. */
export default function SizeChart({ points }: { points: HistoryPoint[] }) {
  const data = points
    .toSorted((a, b) => a.at.localeCompare(b.at))
    .map((point) => ({ at: point.at, Users: point.count, version: point.version }));
  const edits = data.filter((point, index) => index > 0 && data[index - 1]?.version !== point.version);
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
        yAxisProps={{ width: 66, tickFormatter: (last?.Users ?? 0) < 1e6 ? number : compact, domain: ['auto', 'auto'] }}
        xAxisProps={{ tickFormatter: (at: string) => short.format(new Date(at)), minTickGap: 40 }}
        referenceLines={edits.map((edit) => ({ x: edit.at, label: `v${edit.version}`, color: 'gray.5' }))}
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
