import { Text, Tooltip } from '@mantine/core';
import { number, ofPopulation, percent } from '@/ui/format';
import { useBuilder } from './context';

/** The exact count of one line, and its share of the population as a thin bar. */
export function NodeCount({ id }: { id: string }) {
  const { live } = useBuilder();
  const count = live.counts.get(id);
  const population = live.preview?.population ?? 0;
  const missing = live.compiled.incomplete.get(id);
  if (count === undefined || missing || !live.compiled.pointers.has(id) || live.faults.has(id)) {
    return (
      <div className="rb-count" data-empty>
        <Text size="xs" c="dimmed">
          {live.counting && !missing ? 'counting…' : '–'}
        </Text>
      </div>
    );
  }
  return (
    <Tooltip label={`${ofPopulation(count, population)} (${percent(count, population)})`}>
      <div className="rb-count" data-stale={live.counting || undefined}>
        <span className="rb-count-number">{number(count)}</span>
        <span className="rb-count-bar" aria-hidden>
          <span style={{ width: `${population > 0 ? (count / population) * 100 : 0}%` }} />
        </span>
      </div>
    </Tooltip>
  );
}
