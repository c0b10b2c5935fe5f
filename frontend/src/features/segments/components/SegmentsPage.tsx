import { Button, Card, Group, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconChecklist, IconPlus, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import { can } from '@/features/session/model/permissions';
import { plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { type SortKey, sorted, sortKey } from '../model/sorting';
import { SegmentsTable } from './SegmentsTable';

const route = getRouteApi('/shell/segments');

const orders: { value: SortKey; label: string }[] = [
  { value: 'name', label: 'Name' },
  { value: 'size', label: 'Largest first' },
  { value: 'change', label: 'Moved most' },
  { value: 'updated', label: 'Edited last' },
];

export default function SegmentsPage() {
  const { q = '', sort } = route.useSearch();
  const navigate = useNavigate();
  const { user } = useSession();
  const [typed, setTyped] = useState(q);
  const query = useQuery(segmentsQuery(q));
  const look = useDebouncedCallback(
    (text: string) => void navigate({ to: '/segments', search: { ...(sort ? { sort } : {}), q: text }, replace: true }),
    250,
  );
  const mayEdit = can(user.role, 'edit segments');
  const create = (
    <Button component={Link} to="/segments/new" leftSection={<IconPlus size={16} />}>
      New segment
    </Button>
  );

  return (
    <>
      <PageHeader
        title="Segments"
        lead={query.data ? `${plural(query.data.items.length, 'segment')}, each counted exactly over all of history.` : 'Counted exactly over all of history.'}
        actions={mayEdit && create}
      />
      <Card p={0}>
        <Group p="sm" gap="sm">
          <TextInput
            aria-label="Search segments"
            placeholder="Search by name"
            leftSection={<IconSearch size={16} />}
            value={typed}
            onChange={(event) => {
              setTyped(event.currentTarget.value);
              look(event.currentTarget.value);
            }}
            style={{ flex: '1 1 220px' }}
            maw={360}
          />
          <Select
            aria-label="Order"
            w={160}
            data={orders}
            value={sortKey(sort)}
            onChange={(next) => next && void navigate({ to: '/segments', search: { ...(q ? { q } : {}), sort: next }, replace: true })}
            allowDeselect={false}
          />
        </Group>
        <QueryView query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <SegmentsTable segments={sorted(items, sortKey(sort))} />
            ) : q ? (
              <EmptyState title="No segment has that name">Try fewer letters.</EmptyState>
            ) : (
              <EmptyState icon={<IconChecklist size={40} />} title="No segments yet" action={mayEdit && create}>
                A segment is a rule over traits and behaviour. You see its exact size while you build it.
              </EmptyState>
            )
          }
        </QueryView>
      </Card>
    </>
  );
}
