import { Card, Group, SegmentedControl, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ledgerQuery } from '@/api/sources';
import type { LedgerDay, Source } from '@/api/types';
import { day, number, plural } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Column, DataTable } from '@/ui/table';
import { balances, outcomes, sum } from '../model/ledger';
import { BalanceBadge } from './BalanceBadge';

function Parts({ row, most }: { row: LedgerDay; most: number }) {
  return (
    <div className="rc-parts" aria-hidden>
      {outcomes.map(({ key, color }) => (
        <span key={key} style={{ width: `${most > 0 ? (row[key] / most) * 100 : 0}%`, background: color }} />
      ))}
    </div>
  );
}

export function LedgerTab({ source }: { source: Source }) {
  const [days, setDays] = useState('30');
  const query = useQuery({ ...ledgerQuery(source.id, Number(days)), refetchInterval: 10_000 });
  const most = Math.max(0, ...(query.data?.items ?? []).map((row) => row.received));
  const shown = sum(query.data?.items ?? []);
  const columns: Column<LedgerDay>[] = [
    { key: 'day', title: 'Day (UTC)', cell: (row) => day(row.day) },
    { key: 'received', title: 'Messages received', head: <Term name="messages">Messages received</Term>, end: true, cell: (row) => <strong>{number(row.received)}</strong> },
    { key: 'parts', title: 'Share', hideTitle: true, width: '26%', cell: (row) => <Parts row={row} most={most} /> },
    { key: 'accepted', title: 'Accepted', end: true, cell: (row) => number(row.accepted) },
    { key: 'anonymous', title: 'of which anonymous', head: <Term name="anonymous">of which anonymous</Term>, end: true, cell: (row) => number(row.anonymous) },
    { key: 'duplicate', title: 'Duplicate', head: <Term name="duplicate" />, end: true, cell: (row) => number(row.duplicate) },
    {
      key: 'quarantined',
      title: 'Quarantined',
      head: <Term name="quarantined" />,
      end: true,
      cell: (row) => (row.quarantined > 0 ? <span className="rc-down">{number(row.quarantined)}</span> : '0'),
    },
    { key: 'balance', title: 'Sum', end: true, cell: (row) => (balances(row) ? '= received' : <span className="rc-down">≠ received</span>) },
  ];
  return (
    <Card p={0}>
      <Group p="md" justify="space-between">
        <Group gap="sm">
          {query.data && <BalanceBadge balanced={query.data.balanced} />}
          {query.data && (
            <Text size="sm" c="dimmed">
              {plural(shown.received, 'message')} received in these days, {number(shown.accepted)} accepted; ever received: {number(query.data.totals.received)}
            </Text>
          )}
        </Group>
        <SegmentedControl
          aria-label="Days"
          size="xs"
          data={[
            { value: '7', label: '7 days' },
            { value: '30', label: '30 days' },
            { value: '365', label: 'a year' },
          ]}
          value={days}
          onChange={setDays}
        />
      </Group>
      {(query.data?.unhealthy ?? []).map((found) => (
        <Text key={found.day} size="sm" px="md" pb="xs">
          <span className="rc-down">Not healthy on {day(found.day)}:</span> {found.detail}
        </Text>
      ))}
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable label="Ledger" rows={items} columns={columns} rowKey={(row) => row.day} minWidth={860} />
          ) : (
            <EmptyState title="Nothing received in these days" />
          )
        }
      </QueryView>
    </Card>
  );
}
