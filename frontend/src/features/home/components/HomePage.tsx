import { Alert, Button, Card, Group, SimpleGrid, Skeleton, Stack, Text, Title } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { overviewQuery } from '@/api/admin';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Overview, Segment } from '@/api/types';
import { moved } from '@/features/segments/model/sorting';
import { can } from '@/features/session/model/permissions';
import { Change } from '@/ui/bits';
import { day, number, ofPopulation, plural } from '@/ui/format';
import { PageHeader, StatCard } from '@/ui/page';
import { Sparkline } from '@/ui/sparkline';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { LedgerCard } from './LedgerCard';

function Numbers({ overview }: { overview: Overview }) {
  const { watermark } = overview;
  const behind = Math.max(0, (watermark.log_end ?? watermark.seq) - watermark.seq);
  return (
    <Card p={0}>
      <div className="rc-stats">
        <StatCard label={<Term name="population">Users known</Term>} value={number(overview.users_known)} note="the population of every count" />
        <StatCard
          label={<Term name="messages">Events kept</Term>}
          value={number(overview.events_accepted)}
          note={
            overview.oldest_event_at
              ? `from ${day(overview.oldest_event_at)} to ${day(overview.newest_event_at)}`
              : 'none yet'
          }
        />
        <StatCard
          label={<Term name="watermark" />}
          value={number(watermark.seq)}
          note={behind > 0 ? `${plural(behind, 'message')} still to be taken in` : 'messages taken in: everything received is counted'}
        />
        <StatCard
          label="Segments"
          value={number(overview.segments)}
          note={`fed by ${plural(overview.sources, 'source')}`}
        />
      </div>
    </Card>
  );
}

function Moved({ segments }: { segments: Segment[] }) {
  const top = moved(segments, 6);
  if (top.length === 0) {
    const compared = segments.some(({ latest }) => typeof latest?.change === 'number');
    return (
      <EmptyState title="No segment moved">
        {compared ? 'Sizes are as they were yesterday.' : 'There is no count of an earlier day to compare with yet.'}
      </EmptyState>
    );
  }
  return (
    <Stack gap={0}>
      {top.map((segment) => (
        <Group key={segment.id} wrap="nowrap" justify="space-between" className="rc-item">
          <div style={{ minWidth: 0, flex: 1 }}>
            <Link to="/segments/$id" params={{ id: segment.id }} className="rc-rowlink">
              {segment.name}
            </Link>
            <Text size="xs" c="dimmed">
              {segment.latest && ofPopulation(segment.latest.count, segment.latest.population)}
            </Text>
          </div>
          <Sparkline values={segment.sparkline ?? []} width={84} />
          <Text size="sm" w={78} ta="right" component="div">
            <Change value={segment.latest?.change} />
          </Text>
        </Group>
      ))}
    </Stack>
  );
}

export default function HomePage() {
  const { user } = useSession();
  const overview = useQuery({ ...overviewQuery, refetchInterval: 15_000 });
  const segments = useQuery(segmentsQuery());
  return (
    <>
      <PageHeader
        title="Overview"
        lead={`Signed in as ${user.name}.`}
        actions={
          can(user.role, 'edit segments') && (
            <Button component={Link} to="/segments/new" leftSection={<IconPlus size={16} />}>
              New segment
            </Button>
          )
        }
      />
      <Stack gap="md">
        <QueryView query={overview} loading={<Skeleton height={104} radius="lg" />}>
          {(data) => (
            <>
              {data.take_in_error && (
                <Alert color="red" title="New events are not taken in at the moment" role="alert">
                  {data.take_in_error}
                </Alert>
              )}
              <Numbers overview={data} />
            </>
          )}
        </QueryView>
        <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
          <Card>
            <Group justify="space-between" mb="xs">
              <Title order={2}>Moved since yesterday</Title>
              <Button component={Link} to="/segments?sort=change" variant="subtle" size="compact-sm">
                All segments
              </Button>
            </Group>
            <QueryView query={segments}>{({ items }) => <Moved segments={items} />}</QueryView>
          </Card>
          <LedgerCard />
        </SimpleGrid>
      </Stack>
    </>
  );
}
