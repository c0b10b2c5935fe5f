import { Button, Card, Center, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { trailCheckQuery, trailQuery } from '@/api/admin';
import { useSession } from '@/api/session';
import type { TrailEntry } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { instant, number, plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, Forbidden, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';

function detailText(entry: TrailEntry): string {
  const parts = Object.entries(entry.detail ?? {}).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return parts.join(', ');
}

const columns: Column<TrailEntry>[] = [
  { key: 'at', title: 'When', width: 210, cell: (entry) => instant(entry.at) },
  {
    key: 'actor',
    title: 'Who',
    cell: (entry) => (
      <>
        {entry.actor}
        <Text size="xs" c="dimmed" title={entry.actor_id || undefined}>
          {entry.actor_kind}
        </Text>
      </>
    ),
  },
  { key: 'action', title: 'What', cell: (entry) => <Text size="sm" fw={600}>{entry.action.replaceAll(/[_.]/g, ' ')}</Text> },
  {
    key: 'target',
    title: 'On what',
    cell: (entry) => (
      <>
        {entry.target_kind?.replaceAll('_', ' ')}
        <Text size="xs" c="dimmed" className="rc-mono">
          {entry.target_id}
        </Text>
      </>
    ),
  },
  {
    key: 'detail',
    title: 'Detail',
    cell: (entry) => (
      <Text size="xs" lineClamp={3} style={{ overflowWrap: 'anywhere' }} maw={420}>
        {detailText(entry)}
      </Text>
    ),
  },
];

/** Whether the server found every entry to follow from the one before it. */
function Chain() {
  const { data, error } = useQuery(trailCheckQuery);
  if (error) return <Text size="sm" mb="sm" className="rc-down">The chain could not be checked.</Text>;
  if (!data) return <Text size="sm" mb="sm" c="dimmed">Checking the chain…</Text>;
  return data.intact ? (
    <Text size="sm" mb="sm" c="dimmed">
      Chain of {plural(data.entries, 'entry', 'entries')} intact
    </Text>
  ) : (
    <Text size="sm" mb="sm" className="rc-down" role="alert">
      Chain broken after {number(data.entries)} entries. {data.fault}
    </Text>
  );
}

function Entries() {
  const query = useInfiniteQuery(trailQuery);
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          if (entries.length === 0) return <EmptyState icon={<IconHistory size={40} />} title="Nothing has been done yet" />;
          return (
            <>
              <DataTable label="Audit trail" rows={entries} columns={columns} rowKey={(entry) => entry.id} minWidth={860} />
              {query.hasNextPage && (
                <Center p="md">
                  <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                    Show earlier entries
                  </Button>
                </Center>
              )}
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}

export default function TrailPage() {
  const { user } = useSession();
  return (
    <>
      <PageHeader title="Audit trail" lead="Who did what, when. Entries are never changed or removed." />
      {can(user.role, 'see audit trail') ? (
        <>
          <Chain />
          <Entries />
        </>
      ) : (
        <Forbidden />
      )}
    </>
  );
}
