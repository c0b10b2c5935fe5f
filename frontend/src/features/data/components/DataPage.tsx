import { Card, Tabs, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { schemaQuery } from '@/api/rules';
import { plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { EventList } from './EventList';
import { FieldTable } from './FieldTable';

const route = getRouteApi('/shell/data');

export default function DataPage() {
  const { tab = 'events' } = route.useSearch();
  const navigate = useNavigate();
  const query = useQuery(schemaQuery);
  return (
    <>
      <PageHeader title="Events and traits" lead="What the data holds: names, types and their most frequent values." />
      <QueryView query={query}>
        {(schema) => (
          <Tabs
            value={tab === 'traits' ? 'traits' : 'events'}
            keepMounted={false}
            onChange={(next) => next && void navigate({ to: '/data', search: { tab: next }, replace: true })}
          >
            <Tabs.List mb="md">
              <Tabs.Tab value="events">{plural(schema.events.length, 'event')}</Tabs.Tab>
              <Tabs.Tab value="traits">{plural(schema.traits.length, 'trait')}</Tabs.Tab>
            </Tabs.List>
            <Tabs.Panel value="events">
              <EventList events={schema.events} />
            </Tabs.Panel>
            <Tabs.Panel value="traits">
              <Card p={0}>
                {schema.traits.length > 0 ? (
                  <FieldTable fields={schema.traits} of={{ kind: 'traits' }} />
                ) : (
                  <EmptyState title="No trait yet">Traits arrive with identify calls and imports.</EmptyState>
                )}
              </Card>
            </Tabs.Panel>
          </Tabs>
        )}
      </QueryView>
      <Text size="xs" c="dimmed" mt="md">
        A type is declared here, or learnt from the first value that arrives. Either way it is enforced: a message with a value that
        cannot be converted to it without loss is quarantined.
      </Text>
    </>
  );
}
