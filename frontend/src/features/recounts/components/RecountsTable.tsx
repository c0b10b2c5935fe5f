import { Badge, Card } from '@mantine/core';
import { IconScale } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { recountsQuery } from '@/api/recounts';
import { segmentsQuery } from '@/api/segments';
import type { Recount } from '@/api/types';
import { StateBadge, When } from '@/ui/bits';
import { instant, milliseconds, number } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Column, DataTable } from '@/ui/table';

export function Verdict({ recount }: { recount: Recount }) {
  if (recount.state !== 'done') return <StateBadge state={recount.state} />;
  return recount.agree ? <Badge color="brand">Agree</Badge> : <Badge color="red">Differ</Badge>;
}

export function RecountsTable({ segmentId = '' }: { segmentId?: string }) {
  const query = useQuery(recountsQuery(segmentId));
  const segments = useQuery(segmentsQuery());
  const nameOf = (id: string) => segments.data?.items.find((item) => item.id === id)?.name ?? id;
  const columns: Column<Recount>[] = [
    {
      key: 'segment',
      title: 'Segment',
      cell: (recount) => (
        <Link to="/recounts/$id" params={{ id: recount.id }} className="rc-rowlink">
          {nameOf(recount.segment_id)}
        </Link>
      ),
    },
    { key: 'verdict', title: 'Verdict', cell: (recount) => <Verdict recount={recount} /> },
    { key: 'instant', title: 'As of', cell: (recount) => instant(recount.instant) },
    { key: 'engine', title: 'Index', head: <Term name="index" />, end: true, cell: (recount) => number(recount.engine?.count) },
    { key: 'lake', title: 'Raw events', head: <Term name="recount">Raw events</Term>, end: true, cell: (recount) => number(recount.lake?.count) },
    {
      key: 'difference',
      title: 'Difference',
      end: true,
      cell: (recount) =>
        recount.state === 'done' ? number((recount.only_engine_count ?? 0) + (recount.only_lake_count ?? 0)) : '–',
    },
    { key: 'cost', title: 'Took', end: true, cell: (recount) => (recount.cost_ms ? milliseconds(recount.cost_ms) : '–') },
    { key: 'asked', title: 'Asked', cell: (recount) => <When at={recount.created_at} /> },
  ];
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable label="Recounts" rows={items} columns={columns} rowKey={(recount) => recount.id} minWidth={900} />
          ) : (
            <EmptyState icon={<IconScale size={40} />} title="Nothing recounted yet">
              A recount evaluates a past count again from the raw events, with a second engine, and compares both
              sets. Start one from any segment.
            </EmptyState>
          )
        }
      </QueryView>
    </Card>
  );
}
