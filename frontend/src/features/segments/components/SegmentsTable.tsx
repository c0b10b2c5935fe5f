import { Box, Text, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { Segment } from '@/api/types';
import { Bar, Change, When } from '@/ui/bits';
import { instant, number, ofPopulation, percent } from '@/ui/format';
import { Sparkline } from '@/ui/sparkline';
import { type Column, DataTable } from '@/ui/table';
import { Term } from '@/ui/term';
import { FreshnessBadge } from './FreshnessBadge';

const columns: Column<Segment>[] = [
  {
    key: 'name',
    title: 'Segment',
    cell: (segment) => (
      <Box maw={380}>
        <Link to="/segments/$id" params={{ id: segment.id }} className="rc-rowlink">
          {segment.name}
        </Link>
        {(segment.description || segment.words) && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {segment.description || segment.words}
          </Text>
        )}
      </Box>
    ),
  },
  {
    key: 'size',
    title: 'Users',
    end: true,
    cell: ({ latest }) =>
      latest ? (
        <Box w={120} className="rc-size">
          <Text fw={650} size="sm" className="rc-number">
            {number(latest.count)}
          </Text>
          <Tooltip label={`${ofPopulation(latest.count, latest.population)} known on ${instant(latest.instant)}, when this was counted`}>
            <Text size="xs" c="dimmed" mb={3}>
              {percent(latest.count, latest.population)} of users
            </Text>
          </Tooltip>
          <Bar part={latest.count} of={latest.population} />
        </Box>
      ) : (
        <Text size="xs" c="dimmed">
          not counted yet
        </Text>
      ),
  },
  { key: 'change', title: 'Since yesterday', end: true, cell: ({ latest }) => <Change value={latest?.change} /> },
  { key: 'trend', title: 'Trend', cell: (segment) => <Sparkline values={segment.sparkline ?? []} /> },
  { key: 'fresh', title: 'Freshness', head: <Term name="freshness" />, cell: ({ freshness }) => <FreshnessBadge freshness={freshness} /> },
  { key: 'owner', title: 'Owner', cell: ({ owner }) => owner?.name ?? '–' },
  { key: 'updated', title: 'Edited', cell: ({ updated_at }) => <When at={updated_at} /> },
];

export function SegmentsTable({ segments }: { segments: Segment[] }) {
  return (
    <DataTable
      label="Segments"
      rows={segments}
      columns={columns}
      rowKey={(segment) => segment.id}
      minWidth={920}
    />
  );
}
