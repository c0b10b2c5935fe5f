import { Badge, Button, Card, Group, Modal, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { keysQuery, revokeKey } from '@/api/admin';
import type { ApiKey } from '@/api/types';
import { Confirm, told, useAction } from '@/ui/actions';
import { When } from '@/ui/bits';
import { EmptyState, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { KeyForm } from './KeyForm';

export function KeysTab() {
  const query = useQuery(keysQuery);
  const [opened, modal] = useDisclosure(false);
  const [revoking, setRevoking] = useState<ApiKey | null>(null);
  const revoke = useAction(revokeKey, () => told('Key revoked'));
  const columns: Column<ApiKey>[] = [
    {
      key: 'name',
      title: 'Key',
      cell: (key) => (
        <>
          <Text size="sm" fw={600}>
            {key.name}
          </Text>
          <Text size="xs" c="dimmed" className="rc-mono">
            {key.prefix}…
          </Text>
        </>
      ),
    },
    {
      key: 'scopes',
      title: 'May',
      cell: (key) => (
        <Group gap={4}>
          {key.scopes.map((scope) => (
            <Badge key={scope} color="gray">
              {scope}
            </Badge>
          ))}
        </Group>
      ),
    },
    { key: 'used', title: 'Last used', cell: (key) => <When at={key.last_used_at} /> },
    { key: 'created', title: 'Made', cell: (key) => <When at={key.created_at} /> },
    {
      key: 'revoke',
      title: 'Action',
      hideTitle: true,
      end: true,
      cell: (key) =>
        key.revoked_at ? (
          <Badge color="red">revoked</Badge>
        ) : (
          <Button size="compact-xs" variant="subtle" color="red" onClick={() => setRevoking(key)}>
            Revoke
          </Button>
        ),
    },
  ];
  return (
    <Card p={0}>
      <Group p="md" justify="flex-end">
        <Button leftSection={<IconPlus size={16} />} onClick={modal.open}>
          New key
        </Button>
      </Group>
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable label="API keys" rows={items} columns={columns} rowKey={(key) => key.id} />
          ) : (
            <EmptyState icon={<IconKey size={40} />} title="No key yet">
              A key lets a machine send events, pull lists, run campaigns or keep segments, and nothing else.
            </EmptyState>
          )
        }
      </QueryView>
      <Modal opened={opened} onClose={modal.close} title="New API key">
        <KeyForm onDone={modal.close} />
      </Modal>
      <Confirm
        opened={revoking !== null}
        onClose={() => setRevoking(null)}
        title={`Revoke ${revoking?.name ?? ''}?`}
        verb="Revoke"
        busy={revoke.isPending}
        onConfirm={() => revoking && revoke.mutate(revoking.id, { onSettled: () => setRevoking(null) })}
      >
        Machines that use it are refused from then on.
      </Confirm>
    </Card>
  );
}
