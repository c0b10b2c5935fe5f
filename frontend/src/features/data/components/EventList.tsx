import { Accordion, Group, Text } from '@mantine/core';
import type { SchemaEvent } from '@/api/types';
import { When } from '@/ui/bits';
import { plural } from '@/ui/format';
import { EmptyState } from '@/ui/states';
import { FieldTable } from './FieldTable';

export function EventList({ events }: { events: SchemaEvent[] }) {
  if (events.length === 0) return <EmptyState title="No event yet">Connect a source or import a file.</EmptyState>;
  return (
    <Accordion variant="separated" radius="lg" chevronPosition="left" order={2}>
      {events.map((event) => (
        <Accordion.Item key={event.name} value={event.name} className="rc-event">
          <Accordion.Control>
            <Group justify="space-between" pr="sm">
              <Text fw={600} size="sm">
                {event.name}
              </Text>
              <Text size="xs" c="dimmed" component="div">
                {plural(event.count, 'time')}, {plural(event.properties.length, 'property', 'properties')}, last{' '}
                <When at={event.last_seen_at} />
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <FieldTable fields={event.properties} of={{ kind: 'properties', event: event.name }} />
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}
