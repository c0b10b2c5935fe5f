import { Button, Card, Group, Modal, Text } from '@mantine/core';
import { IconListDetails, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { deleteList, listsQuery } from '@/api/lists';
import { useSession } from '@/api/session';
import type { UserList } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { Confirm, told, useAction } from '@/ui/actions';
import { Copy } from '@/ui/bits';
import { instant, number } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { ListForm } from './ListForm';
import { UnknownIds } from './Uploaded';

function Lists({ mayEdit }: { mayEdit: boolean }) {
  const query = useQuery(listsQuery);
  const [editing, setEditing] = useState<UserList | 'new' | null>(null);
  const [deleting, setDeleting] = useState<UserList | null>(null);
  const remove = useAction(deleteList, () => told('List deleted'));
  const add = mayEdit && (
    <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
      New list
    </Button>
  );
  const columns: Column<UserList>[] = [
    {
      key: 'name',
      title: 'List',
      cell: (list) => (
        <>
          <Text size="sm" fw={600}>
            {list.name}
          </Text>
          <Group gap={2}>
            <Text size="xs" c="dimmed" className="rc-mono">
              {list.id}
            </Text>
            <Copy text={list.id} label={`Copy the id of ${list.name}`} />
          </Group>
        </>
      ),
    },
    { key: 'count', title: 'Ids', end: true, cell: (list) => number(list.count) },
    { key: 'known', title: 'Known users', end: true, cell: (list) => number(list.known) },
    {
      key: 'unknown',
      title: 'Unknown',
      cell: (list) => (
        <>
          {number(list.unknown)}
          {mayEdit && <UnknownIds list={list} />}
        </>
      ),
    },
    { key: 'version', title: 'Version', end: true, cell: (list) => list.version },
    { key: 'updated', title: 'Uploaded', cell: (list) => instant(list.updated_at) },
    {
      key: 'actions',
      title: 'Actions',
      hideTitle: true,
      end: true,
      cell: (list) => mayEdit && (
        <Group gap={6} wrap="nowrap">
          <Button size="compact-xs" variant="default" onClick={() => setEditing(list)}>
            Change
          </Button>
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setDeleting(list)}>
            Delete
          </Button>
        </Group>
      ),
    },
  ];
  return (
    <>
      <PageHeader title="Lists" lead="Sets of user ids from elsewhere, to use in rules." actions={add} />
      <Card p={0}>
        <QueryView query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <DataTable label="Lists" rows={items} columns={columns} rowKey={(list) => list.id} minWidth={820} />
            ) : (
              <EmptyState icon={<IconListDetails size={40} />} title="No list yet" action={add}>
                {mayEdit
                  ? 'Paste or upload user ids, then use them in a rule: on the list, or not on it.'
                  : 'A marketer can upload user ids, to use them in a rule.'}
              </EmptyState>
            )
          }
        </QueryView>
      </Card>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' || !editing ? 'New list' : `Change ${editing.name}`}
      >
        {editing && <ListForm list={editing === 'new' ? null : editing} onDone={() => setEditing(null)} />}
      </Modal>
      <Confirm
        opened={deleting !== null}
        onClose={() => setDeleting(null)}
        title={`Delete ${deleting?.name ?? ''}?`}
        verb="Delete"
        busy={remove.isPending}
        onConfirm={() => deleting && remove.mutate(deleting.id, { onSettled: () => setDeleting(null) })}
      >
        Rules that use the list can no longer be counted.
      </Confirm>
    </>
  );
}

export default function ListsPage() {
  const { user } = useSession();
  return <Lists mayEdit={can(user.role, 'edit lists')} />;
}
