import { Badge, Button, Card, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBroadcast, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { createSource, sourcesQuery } from '@/api/sources';
import { useSession } from '@/api/session';
import type { Source } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { useAction } from '@/ui/actions';
import { When } from '@/ui/bits';
import { number } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Column, DataTable } from '@/ui/table';

const columns: Column<Source>[] = [
  {
    key: 'name',
    title: 'Source',
    cell: (source) => (
      <Group gap="xs">
        <Link to="/sources/$id" params={{ id: source.id }} className="rc-rowlink">
          {source.name}
        </Link>
        {source.disabled && <Badge color="gray">off</Badge>}
      </Group>
    ),
  },
  { key: 'received', title: 'Messages today', head: <Term name="messages">Messages today</Term>, end: true, cell: (source) => number(source.received_today) },
  { key: 'accepted', title: 'Accepted', end: true, cell: (source) => number(source.accepted_today) },
  { key: 'duplicate', title: 'Duplicate', head: <Term name="duplicate" />, end: true, cell: (source) => number(source.duplicate_today) },
  {
    key: 'quarantined',
    title: 'Quarantined',
    head: <Term name="quarantined" />,
    end: true,
    cell: (source) =>
      source.quarantined_today > 0 ? <span className="rc-down">{number(source.quarantined_today)}</span> : '0',
  },
  { key: 'last', title: 'Last event', cell: (source) => <When at={source.last_event_at} /> },
];

function NewSource({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [name, setName] = useState('');
  const create = useAction(createSource, (source) => {
    onClose();
    void navigate({ to: '/sources/$id', params: { id: source.id }, search: { tab: 'connect' } });
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label="Name"
          placeholder="Web site"
          required
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" disabled={!name.trim()} loading={create.isPending}>
            Add source
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export default function SourcesPage() {
  const { user } = useSession();
  const query = useQuery({ ...sourcesQuery, refetchInterval: 10_000 });
  const [opened, modal] = useDisclosure(false);
  const add = can(user.role, 'edit sources') && (
    <Button leftSection={<IconPlus size={16} />} onClick={modal.open}>
      New source
    </Button>
  );
  return (
    <>
      <PageHeader title="Sources" lead="Where events come from. Every message received (events and profile updates) is accounted for." actions={add} />
      <Card p={0}>
        <QueryView query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <DataTable label="Sources" rows={items} columns={columns} rowKey={(source) => source.id} minWidth={720} />
            ) : (
              <EmptyState icon={<IconBroadcast size={40} />} title="No source yet" action={add}>
                A source has a write key. Point an SDK you already use at it, or upload files.
              </EmptyState>
            )
          }
        </QueryView>
      </Card>
      <Modal opened={opened} onClose={modal.close} title="New source">
        <NewSource onClose={modal.close} />
      </Modal>
    </>
  );
}
