import { Group, Stack, Text } from '@mantine/core';
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Evidence, Measured, NearMiss, OwnEvent, Period, TraitValue } from '@/api/explain';
import { Field } from '@/ui/bits';
import { instant, number, plural } from '@/ui/format';
import { DataTable } from '@/ui/table';
import { shown } from '../model/explanation';
import { EventTable, NearTable } from './EventTable';

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      {children}
    </div>
  );
}

function Near({ near }: { near: NearMiss[] }) {
  if (near.length === 0) return null;
  return (
    <Part title="Nearly">
      <NearTable label="What nearly matched" near={near} />
    </Part>
  );
}

function Events({ events, matching }: { events: OwnEvent[]; matching: number }) {
  if (events.length === 0) return null;
  const title = events.length < matching ? `${number(events.length)} of ${plural(matching, 'matching event')}` : plural(matching, 'matching event');
  return (
    <Part title={title}>
      <EventTable label="Matching events" events={events} />
    </Part>
  );
}

/** The window, told only where it has a beginning. */
function Span({ from, to }: { from: string | null; to: string | null }) {
  if (!from) return null;
  return (
    <Text size="xs" c="dimmed">
      The window is from {instant(from)} to {instant(to)}.
    </Text>
  );
}

function Trait({ found }: { found: TraitValue }) {
  return (
    <Group gap="xl" align="flex-start">
      <Field label={found.path}>{shown(found.value)}</Field>
      {found.since && <Field label="Since">{instant(found.since)}</Field>}
      {found.updated_at && found.updated_at !== found.since && <Field label="Last confirmed">{instant(found.updated_at)}</Field>}
      {found.updated_seq !== null && <Field label="By entry">{number(found.updated_seq)}</Field>}
      {found.before !== null && <Field label="Before">{shown(found.before)}</Field>}
    </Group>
  );
}

const enough = {
  key: 'enough',
  title: 'Enough',
  cell: (period: Period) =>
    period.enough ? (
      <span className="rc-up"><IconCircleCheck size={16} role="img" aria-label="yes" /></span>
    ) : (
      <span className="rc-down"><IconCircleX size={16} role="img" aria-label="no" /></span>
    ),
};

function Periods({ periods }: { periods: Period[] }) {
  const columns = [
    { key: 'from', title: 'From', cell: (period: Period) => instant(period.from) },
    { key: 'to', title: 'To', cell: (period: Period) => instant(period.to) },
    { key: 'count', title: 'Events', end: true, cell: (period: Period) => number(period.count) },
    enough,
  ];
  return <DataTable label="Periods" rows={periods} columns={columns} rowKey={(period) => period.from} minWidth={480} />;
}

const measured = (found: Measured | null) => (found ? shown(found.value) : 'not ranked');

/** What shows that a line holds or does not. */
export function EvidencePanel({ evidence }: { evidence: Evidence }) {
  switch (evidence.kind) {
    case 'trait':
      return <Trait found={evidence} />;
    case 'attribute':
      return (
        <Stack gap="xs">
          {evidence.literal.value !== null && <Trait found={evidence.literal} />}
          <Trait found={evidence.key} />
          <Field label="In the catalogue">{evidence.row ? shown(evidence.attribute) : 'no such row'}</Field>
        </Stack>
      );
    case 'event':
      return (
        <Stack gap="sm">
          <Span from={evidence.from} to={evidence.to} />
          <Events events={evidence.events} matching={evidence.matching} />
          <Near near={evidence.near} />
        </Stack>
      );
    case 'sequence':
      return (
        <Stack gap="sm">
          <Span from={evidence.from} to={evidence.to} />
          {evidence.chain.length > 0 && <EventTable label="Steps done" events={evidence.chain} numbered />}
          <Near near={evidence.near} />
        </Stack>
      );
    case 'first_time':
      return (
        <Stack gap="sm">
          <Span from={evidence.from} to={evidence.to} />
          {evidence.first && <EventTable label="The first event" events={[evidence.first]} />}
          <Near near={evidence.near} />
        </Stack>
      );
    case 'regular':
      return (
        <Stack gap="sm">
          <Periods periods={evidence.periods} />
          <Events events={evidence.events} matching={evidence.matching} />
          <Near near={evidence.near} />
        </Stack>
      );
    case 'top':
      return (
        <Stack gap="sm">
          <Span from={evidence.from} to={evidence.to} />
          <Group gap="xl" align="flex-start">
            <Field label="Score">{measured(evidence.score)}</Field>
            {evidence.rank !== null && <Field label="Rank">{`${number(evidence.rank)} of ${number(evidence.ranked)}`}</Field>}
            <Field label="In">{`the best ${number(evidence.kept)}, down to ${measured(evidence.least)}`}</Field>
          </Group>
          <Events events={evidence.events} matching={evidence.matching} />
        </Stack>
      );
    default:
      return null;
  }
}
