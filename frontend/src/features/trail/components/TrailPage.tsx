import { Button, Card, Center, Text } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { accountsQuery, keysQuery, trailCheckQuery, trailQuery } from '@/api/admin';
import { campaignsQuery } from '@/api/campaigns';
import { listsQuery } from '@/api/lists';
import { recountsQuery } from '@/api/recounts';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import { sourcesQuery } from '@/api/sources';
import type { TrailEntry } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { instant, number, plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, Forbidden, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { Term } from '@/ui/term';
import { actionWords, detailWords, kindWords, pageOf, shortId, toldNames } from '../model/trail';

type Names = Map<string, string>;

/** Names of what entries are about, as far as this reader may ask for them. */
function useNames(entries: TrailEntry[]): Names {
  const { user } = useSession();
  const items = [
    useQuery(segmentsQuery()),
    useQuery(segmentsQuery('', true)),
    useQuery(listsQuery),
    useQuery(campaignsQuery),
    useQuery(sourcesQuery),
    useQuery({ ...accountsQuery, enabled: can(user.role, 'manage access') }),
    useQuery({ ...keysQuery, enabled: can(user.role, 'manage access') }),
  ].flatMap((query): { id: string; name: string }[] => query.data?.items ?? []);
  const recounts = useQuery(recountsQuery()).data?.items ?? [];
  const nameOf = (id: string) => items.find((item) => item.id === id)?.name;
  const builds = recounts.map(({ build_id, segment_id }) => ({ id: build_id, name: nameOf(segment_id) ?? shortId(build_id) }));
  return new Map([...toldNames(entries), ...[...builds, ...items].map(({ id, name }) => [id, name] as const)]);
}

function Target({ entry, names }: { entry: TrailEntry; names: Names }) {
  const id = entry.target_id ?? '';
  if (id === entry.actor_id) return null;
  const page = pageOf(entry);
  const name = names.get(id) ?? shortId(id);
  return (
    <>
      {page ? (
        <Link to={page} className="rc-rowlink" title={id}>
          {name || kindWords(entry.target_kind)}
        </Link>
      ) : (
        <span title={id}>{name}</span>
      )}
      <Text size="xs" c="dimmed">
        {kindWords(entry.target_kind)}
      </Text>
    </>
  );
}

const columns = (names: Names): Column<TrailEntry>[] => [
  { key: 'at', title: 'When', width: 210, cell: (entry) => instant(entry.at) },
  {
    key: 'actor',
    title: 'Who',
    cell: (entry) => (
      <>
        {entry.actor}
        <Text size="xs" c="dimmed" title={entry.actor_id || undefined}>
          {entry.actor_kind === 'machine' ? 'API key' : entry.actor_kind}
        </Text>
      </>
    ),
  },
  {
    key: 'action',
    title: 'What',
    cell: (entry) => (
      <Text size="sm" fw={600} title={entry.action}>
        {actionWords(entry.action)}
      </Text>
    ),
  },
  { key: 'target', title: 'On what', cell: (entry) => <Target entry={entry} names={names} /> },
  {
    key: 'detail',
    title: 'Detail',
    cell: (entry) => {
      const words = detailWords(entry.detail);
      return (
        words && (
          <Text size="xs" lineClamp={3} style={{ overflowWrap: 'anywhere' }} maw={420} title={JSON.stringify(entry.detail)}>
            {words}
          </Text>
        )
      );
    },
  },
];

/** Whether the server found every entry to follow from the one before it. */
function Chain() {
  const { data, error } = useQuery(trailCheckQuery);
  if (error) return <Text size="sm" mb="sm" className="rc-down">The chain could not be checked.</Text>;
  if (!data) return <Text size="sm" mb="sm" c="dimmed">Checking the chain…</Text>;
  return data.intact ? (
    <Text size="sm" mb="sm" c="dimmed">
      <Term name="chain" /> of {plural(data.entries, 'entry', 'entries')} intact
    </Text>
  ) : (
    <Text size="sm" mb="sm" className="rc-down" role="alert">
      <Term name="chain" /> broken after {number(data.entries)} entries. {data.fault}
    </Text>
  );
}

function Entries() {
  const query = useInfiniteQuery(trailQuery);
  const names = useNames((query.data?.pages ?? []).flatMap((page) => page.items));
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ pages }) => {
          const entries = pages.flatMap((page) => page.items);
          if (entries.length === 0) return <EmptyState icon={<IconHistory size={40} />} title="Nothing has been done yet" />;
          return (
            <>
              <DataTable label="Audit trail" rows={entries} columns={columns(names)} rowKey={(entry) => entry.id} minWidth={860} />
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
