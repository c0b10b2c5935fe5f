import { Badge, Button, Card, Group, Modal, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { accountsQuery } from '@/api/admin';
import type { Account } from '@/api/types';
import { StateBadge, When } from '@/ui/bits';
import { QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { AccountForm } from './AccountForm';

export function AccountsTab() {
  const query = useQuery(accountsQuery);
  const [editing, setEditing] = useState<Account | 'new' | null>(null);
  const columns: Column<Account>[] = [
    {
      key: 'name',
      title: 'Name',
      cell: (account) => (
        <>
          <Group gap="xs">
            <Text size="sm" fw={600}>
              {account.name}
            </Text>
            {account.disabled && <Badge color="gray">off</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            {account.email}
          </Text>
        </>
      ),
    },
    { key: 'role', title: 'Role', cell: (account) => <StateBadge state={account.role} /> },
    { key: 'seen', title: 'Last seen', cell: (account) => <When at={account.last_seen_at} /> },
    { key: 'created', title: 'Since', cell: (account) => <When at={account.created_at} /> },
    {
      key: 'edit',
      title: 'Action',
      hideTitle: true,
      end: true,
      cell: (account) => (
        <Button size="compact-xs" variant="default" onClick={() => setEditing(account)}>
          Change
        </Button>
      ),
    },
  ];
  return (
    <Card p={0}>
      <Group p="md" justify="flex-end">
        <Button leftSection={<IconPlus size={16} />} onClick={() => setEditing('new')}>
          New account
        </Button>
      </Group>
      <QueryView query={query}>
        {({ items }) => <DataTable label="Accounts" rows={items} columns={columns} rowKey={(account) => account.id} />}
      </QueryView>
      <Modal
        opened={editing !== null}
        onClose={() => setEditing(null)}
        title={editing === 'new' || !editing ? 'New account' : editing.name}
      >
        {editing && <AccountForm account={editing === 'new' ? null : editing} onDone={() => setEditing(null)} />}
      </Modal>
    </Card>
  );
}
