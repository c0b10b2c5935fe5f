import { Button, Card } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { startRecount } from '@/api/recounts';
import { buildsQuery } from '@/api/segments';
import type { Build, Segment } from '@/api/types';
import { useAction } from '@/ui/actions';
import { Digest } from '@/ui/bits';
import { instant, milliseconds, number } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Column, DataTable } from '@/ui/table';

export function BuildsTab({ segment }: { segment: Segment }) {
  const query = useQuery(buildsQuery(segment.id));
  const navigate = useNavigate();
  const recount = useAction(
    (build: Build) => startRecount(segment.id, build.id),
    (started) => void navigate({ to: '/recounts/$id', params: { id: started.id } }),
  );
  const columns: Column<Build>[] = [
    { key: 'at', title: 'Instant', cell: (build) => instant(build.instant) },
    { key: 'count', title: 'Members', end: true, cell: (build) => number(build.count) },
    { key: 'population', title: 'Of users', head: <Term name="population">Of users</Term>, end: true, cell: (build) => number(build.population) },
    { key: 'added', title: 'Entered', end: true, cell: (build) => (build.added ? <span className="rc-up">+{number(build.added)}</span> : '0') },
    { key: 'removed', title: 'Left', end: true, cell: (build) => (build.removed ? <span className="rc-down">−{number(build.removed)}</span> : '0') },
    { key: 'version', title: 'Version', end: true, cell: (build) => build.segment_version },
    { key: 'watermark', title: 'Up to entry', head: <Term name="entry">Up to entry</Term>, end: true, cell: (build) => number(build.watermark_seq) },
    { key: 'digest', title: 'Digest', head: <Term name="digest" />, cell: (build) => <Digest value={build.digest} /> },
    { key: 'cost', title: 'Took', end: true, cell: (build) => milliseconds(build.cost_ms) },
    {
      key: 'recount',
      title: 'Action',
      hideTitle: true,
      end: true,
      cell: (build) => (
        <Button size="compact-xs" variant="default" onClick={() => recount.mutate(build)}>
          Recount
        </Button>
      ),
    },
  ];
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable label="Counts" rows={items} columns={columns} rowKey={(build) => build.id} minWidth={980} />
          ) : (
            <EmptyState title="Not counted yet">The first count appears within seconds of saving.</EmptyState>
          )
        }
      </QueryView>
    </Card>
  );
}
