import { Anchor, Card, Group, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ledgerQuery } from '@/api/sources';
import { BalanceBadge } from '@/features/sources/components/BalanceBadge';
import { outcomes, sum } from '@/features/sources/model/ledger';
import { Bar } from '@/ui/bits';
import { number, plural } from '@/ui/format';
import { QueryView } from '@/ui/states';
import { Term } from '@/ui/term';

/** Where the last 30 days of received records went. */
export function LedgerCard() {
  const query = useQuery(ledgerQuery(null, 30));
  const shown = sum(query.data?.items ?? []);
  return (
    <Card>
      <Group justify="space-between" mb="xs">
        <Title order={2}>Ledger of the last 30 days</Title>
        {query.data && <BalanceBadge balanced={query.data.balanced} />}
      </Group>
      <QueryView query={query}>
        {({ totals: ever }) => (
          <>
            <Group justify="space-between" className="rc-item">
              <Text fw={650}>
                <Term name="messages">Messages</Term> received
              </Text>
              <Text fw={650} className="rc-number">
                {number(shown.received)}
              </Text>
            </Group>
            {outcomes.map(({ key, label, color }) => (
              <div key={key} className="rc-item">
                <Group justify="space-between" mb={4}>
                  <Text size="sm">{label}</Text>
                  <Text size="sm" className="rc-number">
                    {number(shown[key])}
                  </Text>
                </Group>
                <Bar part={shown[key]} of={shown.received} color={color} />
              </div>
            ))}
            <Text size="xs" c="dimmed" mt="sm">
              Messages are events and profile updates, so there are more of them than events kept. Each ends in exactly one of
              these. {number(shown.anonymous)} of the accepted name no user and count for nobody.
              Ever received: {plural(ever.received, 'message')}.{' '}
              <Anchor component={Link} to="/words" hash="messages" inherit underline="always">
                What the words mean
              </Anchor>
            </Text>
          </>
        )}
      </QueryView>
    </Card>
  );
}
