import { Box, Button, Card, Group, Modal, Progress, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDatabaseImport, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { cancelImport, importsQuery } from '@/api/imports';
import { useSession } from '@/api/session';
import type { Import } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { told, useAction } from '@/ui/actions';
import { StateBadge, When } from '@/ui/bits';
import { bytes, number } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, Forbidden, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { progress } from '../model/files';
import { ImportForm } from './ImportForm';

function Standing({ item }: { item: Import }) {
  const share = progress(item);
  return (
    <Box miw={150}>
      <StateBadge state={item.state} />
      {item.state === 'running' && (
        <Progress
          value={(share ?? 1) * 100}
          animated
          size="sm"
          mt={6}
          aria-label={`Progress of ${item.name}`}
        />
      )}
      {item.error && (
        <Text size="xs" className="rc-down" maw={260}>
          {item.error}
        </Text>
      )}
    </Box>
  );
}

function Imports({ mayRun }: { mayRun: boolean }) {
  const query = useQuery(importsQuery);
  const cancel = useAction(cancelImport, () => told('Import cancelled'));
  const columns: Column<Import>[] = [
    {
      key: 'name',
      title: 'File',
      cell: (item) => (
        <>
          <Text size="sm" fw={600}>
            {item.name}
          </Text>
          <Text size="xs" c="dimmed">
            {bytes(item.bytes_read)}
            {item.bytes_total ? ` of ${bytes(item.bytes_total)}` : ''}
          </Text>
        </>
      ),
    },
    { key: 'state', title: 'State', cell: (item) => <Standing item={item} /> },
    { key: 'rows', title: 'Rows read', end: true, cell: (item) => number(item.rows_read) },
    { key: 'accepted', title: 'Accepted', end: true, cell: (item) => number(item.accepted) },
    { key: 'duplicate', title: 'Duplicate', end: true, cell: (item) => number(item.duplicate) },
    {
      key: 'quarantined',
      title: 'Quarantined',
      end: true,
      cell: (item) => (item.quarantined > 0 ? <span className="rc-down">{number(item.quarantined)}</span> : '0'),
    },
    { key: 'started', title: 'Started', cell: (item) => <When at={item.started_at} /> },
    {
      key: 'cancel',
      title: 'Action',
      hideTitle: true,
      end: true,
      cell: (item) =>
        mayRun && (item.state === 'running' || item.state === 'queued') ? (
          <Button size="compact-xs" variant="default" onClick={() => cancel.mutate(item.id)}>
            Cancel
          </Button>
        ) : null,
    },
  ];
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ items }) =>
          items.length > 0 ? (
            <DataTable label="Imports" rows={items} columns={columns} rowKey={(item) => item.id} minWidth={860} />
          ) : (
            <EmptyState icon={<IconDatabaseImport size={40} />} title="Nothing imported yet">
              Bring history from files: CSV, NDJSON or Parquet, plain or compressed.
            </EmptyState>
          )
        }
      </QueryView>
    </Card>
  );
}

export default function ImportsPage() {
  const { user } = useSession();
  const [opened, modal] = useDisclosure(false);
  const mayRun = can(user.role, 'run imports');
  return (
    <>
      <PageHeader
        title="Imports"
        lead="Files of events and profiles. Every row is accepted, a duplicate, or quarantined with a reason."
        actions={
          mayRun && (
            <Group>
              <Button leftSection={<IconUpload size={16} />} onClick={modal.open}>
                Import a file
              </Button>
            </Group>
          )
        }
      />
      {can(user.role, 'see imports') ? <Imports mayRun={mayRun} /> : <Forbidden />}
      <Modal opened={opened} onClose={modal.close} title="Import a file" size="lg">
        <ImportForm onDone={modal.close} />
      </Modal>
    </>
  );
}
