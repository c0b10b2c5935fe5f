import { Button, Card, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay, IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useServerEvents } from '@/api/events';
import { recentQuery } from '@/api/sources';
import type { LiveRecord, Source } from '@/api/types';
import { number } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { matching, merged } from '../model/live';
import { LiveRow } from './LiveRow';

const words = { open: 'Listening', connecting: 'Connecting', lost: 'Reconnecting', off: 'Paused' };

/** Records as they arrive, drawn at most four times a second however many there are. */
function useArrivals(source: Source, known: LiveRecord[] | undefined, listening: boolean) {
  const [records, setRecords] = useState<LiveRecord[]>([]);
  const [left, setLeft] = useState(0);
  const waiting = useRef<LiveRecord[]>([]);
  useEffect(() => {
    if (known) setRecords((before) => merged(before, known));
  }, [known]);
  useEffect(() => {
    const timer = setInterval(() => {
      if (waiting.current.length === 0) return;
      const arrived = waiting.current;
      waiting.current = [];
      setRecords((before) => merged(before, arrived));
    }, 250);
    return () => clearInterval(timer);
  }, []);
  const state = useServerEvents(
    `/sources/${source.id}/live`,
    {
      record: (data) => waiting.current.push(data as LiveRecord),
      lagged: () => setLeft((before) => before + 1),
    },
    listening,
  );
  return { records, state, left };
}

export function LiveTab({ source }: { source: Source }) {
  const recent = useQuery(recentQuery(source.id));
  const [listening, setListening] = useState(true);
  const [text, setText] = useState('');
  const [outcome, setOutcome] = useState('all');
  const [open, setOpen] = useState<number | null>(null);
  const { records, state, left } = useArrivals(source, recent.data?.items, listening);
  const shown = matching(records, { text, outcome });

  return (
    <Card p={0}>
      <Group p="md" gap="sm">
        <Button
          size="xs"
          variant={listening ? 'default' : 'filled'}
          leftSection={listening ? <IconPlayerPause size={15} /> : <IconPlayerPlay size={15} />}
          onClick={() => setListening(!listening)}
        >
          {listening ? 'Pause' : 'Listen'}
        </Button>
        <Group gap={6} role="status">
          <span className="rc-dot" data-state={state} />
          <Text size="sm">{words[state]}</Text>
        </Group>
        <TextInput
          aria-label="Filter records"
          placeholder="Event, user or message id"
          size="xs"
          leftSection={<IconSearch size={15} />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          style={{ flex: '1 1 180px' }}
          maw={300}
        />
        <SegmentedControl
          aria-label="Outcome"
          size="xs"
          data={[
            { value: 'all', label: 'All' },
            { value: 'accepted', label: 'Accepted' },
            { value: 'duplicate', label: 'Duplicate' },
            { value: 'quarantined', label: 'Quarantined' },
          ]}
          value={outcome}
          onChange={setOutcome}
        />
        <Text size="xs" c="dimmed" ml="auto">
          {number(shown.length)} of {number(records.length)} shown
          {left > 0 ? '; more arrive than can be shown' : ''}
        </Text>
      </Group>
      <QueryView query={recent}>
        {() =>
          shown.length > 0 ? (
            <div className="rc-live" role="log" aria-label="Arriving records">
              {shown.map((record) => (
                <LiveRow
                  key={record.seq}
                  record={record}
                  open={open === record.seq}
                  onToggle={() => setOpen(open === record.seq ? null : record.seq)}
                />
              ))}
            </div>
          ) : (
            <EmptyState title={records.length > 0 ? 'No record matches the filter' : 'Waiting for the first record'}>
              Records appear here within a second of arriving.
            </EmptyState>
          )
        }
      </QueryView>
    </Card>
  );
}
