import { Button, Card, Center, Group, Select } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { recipientsQuery } from '@/api/campaigns';
import type { Campaign, Recipient } from '@/api/types';
import { StateBadge } from '@/ui/bits';
import { instant } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';
import { stepLabel } from '@/ui/waterfallSteps';

const states = ['queued', 'sending', 'sent', 'failed', 'unknown'];

const columns: Column<Recipient>[] = [
  { key: 'user', title: 'User', cell: (recipient) => <span className="rc-mono">{recipient.user_id}</span> },
  { key: 'state', title: 'State', cell: (recipient) => <StateBadge state={recipient.state} label={stepLabel(recipient.state)} /> },
  { key: 'detail', title: 'Detail', cell: (recipient) => recipient.detail },
  { key: 'at', title: 'When', cell: (recipient) => instant(recipient.at) },
];

export function RecipientsTab({ campaign }: { campaign: Campaign }) {
  const [state, setState] = useState('');
  const query = useInfiniteQuery(recipientsQuery(campaign.id, state));
  return (
    <Card p={0}>
      <Group p="md">
        <Select
          aria-label="State"
          w={240}
          data={[{ value: '', label: 'Every state' }, ...states.map((value) => ({ value, label: stepLabel(value) }))]}
          value={state}
          onChange={(next) => setState(next ?? '')}
          allowDeselect={false}
        />
      </Group>
      <QueryView query={query}>
        {({ pages }) => {
          const recipients = pages.flatMap((page) => page.items);
          if (recipients.length === 0) return <EmptyState title="Nobody here yet" />;
          return (
            <>
              <DataTable label="Recipients" rows={recipients} columns={columns} rowKey={(recipient) => recipient.user_id} />
              {query.hasNextPage && (
                <Center p="md">
                  <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                    Show more
                  </Button>
                </Center>
              )}
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}
