import { Alert, Card, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { Bar } from '@/ui/bits';
import { day, instant, milliseconds, number, ofPopulation, percent, plural } from '@/ui/format';
import { problemText } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Draft, formNames, isPending } from '../model/draft';
import type { LiveCounts } from './usePreview';

/** The size of the whole rule, over what, and how complete. */
export function TotalPanel({ live, draft }: { live: LiveCounts; draft: Draft | null }) {
  const { preview, compiled, counting, faults, error } = live;
  const unfinished = compiled.incomplete.size;
  const pending = isPending(draft);
  return (
    <Card className="rb-total" component="section" aria-label="Size of the segment">
      <Text size="xs" fw={600} c="dimmed">
        Users who match
      </Text>
      <div aria-live="polite" aria-atomic="true" className="rb-total-number" data-stale={counting || pending || undefined}>
        {preview ? number(preview.count) : counting ? '…' : '–'}
      </div>
      {preview ? (
        <Stack gap={10}>
          <Bar part={preview.count} of={preview.population} />
          <Text size="sm" className="rc-number">
            {ofPopulation(preview.count, preview.population)}
            <Text span c="dimmed">
              {' '}
              ({percent(preview.count, preview.population)})
            </Text>
          </Text>
          <Text size="xs" c="dimmed">
            Exact, over {plural(preview.events, 'event')}
            {preview.oldest_event_at ? ` since ${day(preview.oldest_event_at)}` : ''}. Counted for{' '}
            {instant(preview.instant)}, complete up to <Term name="entry">entry</Term> {number(preview.watermark_seq)}, in{' '}
            {milliseconds(preview.elapsed_ms)}.
          </Text>
        </Stack>
      ) : (
        <Text size="sm" c="dimmed">
          {counting
            ? 'Counting over all of history…'
            : `${compiled.rule ? 'Repair the marked lines' : 'Finish a first condition'} to see who matches.`}
        </Text>
      )}
      {pending && draft.faults.length > 0 && (
        <Text size="xs" mt="sm" c="dimmed">
          This is of the rule as it was when the {formNames[draft.form]} could last be read.
        </Text>
      )}
      {!pending && unfinished > 0 && (
        <Text size="xs" mt="sm" c="dimmed">
          {plural(unfinished, 'unfinished line is', 'unfinished lines are')} left out of this number. To save, finish or remove{' '}
          {unfinished === 1 ? 'it' : 'them'}.
        </Text>
      )}
      {!pending && faults.size > 0 && (
        <Alert mt="sm" color="red" p="xs" icon={<IconAlertTriangle size={16} />}>
          {plural(faults.size, 'line')} cannot be counted and {faults.size === 1 ? 'is' : 'are'} left out. To save, repair or remove{' '}
          {faults.size === 1 ? 'it' : 'them'}.
        </Alert>
      )}
      {error !== null && (
        <Alert mt="sm" color="red" p="xs" role="alert" title={problemText(error).title}>
          {problemText(error).detail}
        </Alert>
      )}
    </Card>
  );
}
