import { Button, Card, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconRestore, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { emptyTrash, restoreSegment, segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Segment } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { Confirm, told, useAction } from '@/ui/actions';
import { instant, number, plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';

export default function TrashPage() {
  const { user } = useSession();
  const mayRestore = can(user.role, 'edit segments');
  const query = useQuery(segmentsQuery('', true));
  const [asking, ask] = useDisclosure(false);
  const restore = useAction(
    (segment: Segment) => restoreSegment(segment.id),
    (_done, segment) => told(`${segment.name} is back`),
  );
  const empty = useAction(
    () => emptyTrash(),
    (deleted) => told(`${plural(deleted, 'segment')} deleted for good`),
  );
  const columns: Column<Segment>[] = [
    {
      key: 'name',
      title: 'Segment',
      cell: (segment) => (
        <Link to="/segments/$id" params={{ id: segment.id }} className="rc-rowlink">
          {segment.name}
        </Link>
      ),
    },
    { key: 'size', title: 'Users', end: true, cell: (segment) => number(segment.latest?.count) },
    { key: 'owner', title: 'Owner', cell: (segment) => segment.owner?.name ?? '–' },
    { key: 'when', title: 'Put here', cell: (segment) => instant(segment.trashed_at) },
    {
      key: 'restore',
      title: 'Action',
      hideTitle: true,
      end: true,
      cell: (segment) => mayRestore && (
        <Button size="xs" variant="default" leftSection={<IconRestore size={15} />} onClick={() => restore.mutate(segment)}>
          Restore
        </Button>
      ),
    },
  ];
  const count = query.data?.items.length ?? 0;
  return (
    <>
      <PageHeader
        title="Trash"
        lead="Deleted segments wait here with their history."
        actions={
          can(user.role, 'empty trash') && (
            <Button color="red" variant="outline" leftSection={<IconTrash size={16} />} disabled={count === 0} onClick={ask.open}>
              Empty the trash
            </Button>
          )
        }
      />
      <Card p={0}>
        <QueryView query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <DataTable label="Segments in the trash" rows={items} columns={columns} rowKey={(segment) => segment.id} />
            ) : (
              <EmptyState icon={<IconTrash size={40} />} title="The trash is empty" />
            )
          }
        </QueryView>
      </Card>
      <Confirm
        opened={asking}
        onClose={ask.close}
        title={`Delete ${plural(count, 'segment')} for good?`}
        verb="Delete for good"
        busy={empty.isPending}
        onConfirm={() => empty.mutate(undefined, { onSettled: ask.close })}
      >
        <Text size="sm">This cannot be undone.</Text>
      </Confirm>
    </>
  );
}
