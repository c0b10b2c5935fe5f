import { Button, Card, Center, Group, Stack, Text } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { quarantineQuery } from '@/api/sources';
import type { QuarantinedRecord, Source } from '@/api/types';
import { JsonBlock, StateBadge } from '@/ui/bits';
import { instant, number } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';

function Held({ record }: { record: QuarantinedRecord }) {
  return (
    <div className="rc-item">
      <Group gap="xs">
        <StateBadge state="quarantined" label={record.reason.replaceAll('_', ' ')} />
        <Text size="xs" c="dimmed">
          {instant(record.received_at)}, entry {number(record.seq)}
        </Text>
      </Group>
      {record.detail && (
        <Text size="sm" mt={4}>
          {record.detail}
        </Text>
      )}
      <details style={{ marginTop: 6 }}>
        <summary style={{ cursor: 'pointer', fontSize: 13 }}>As received</summary>
        <JsonBlock value={record.raw} label={`Record ${record.seq} as received`} />
      </details>
    </div>
  );
}

export function QuarantineTab({ source }: { source: Source }) {
  const query = useInfiniteQuery(quarantineQuery(source.id));
  return (
    <Card>
      <QueryView query={query}>
        {({ pages }) => {
          const records = pages.flatMap((page) => page.items);
          if (records.length === 0) {
            return (
              <EmptyState icon={<IconShieldCheck size={40} />} title="Nothing in quarantine">
                Records that break the schema are kept here with the reason, never dropped.
              </EmptyState>
            );
          }
          return (
            <Stack gap={0}>
              {records.map((record) => (
                <Held key={record.seq} record={record} />
              ))}
              {query.hasNextPage && (
                <Center pt="md">
                  <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                    Show more
                  </Button>
                </Center>
              )}
            </Stack>
          );
        }}
      </QueryView>
    </Card>
  );
}
