import { CloseButton, Select, Tooltip } from '@mantine/core';
import type { Json, JsonObject } from '@/api/types';
import { terms } from '@/ui/terms';
import { newWindow, periods, type WindowKind, windowKind, windowWords } from '../model/windows';
import { isObject } from '../model/tree';
import { useBuilder } from './context';
import { DurationInput } from './DurationInput';
import { withFields } from './LeafLine';
import { MomentInput } from './MomentInput';
import { SeasonFields } from './SeasonFields';

const kinds: { value: WindowKind; label: string }[] = [
  { value: 'all', label: 'in all of history' },
  { value: 'last', label: 'in the last' },
  { value: 'between_ago', label: 'between … ago' },
  { value: 'calendar', label: 'in the calendar period' },
  { value: 'dates', label: 'between two dates' },
  { value: 'season', label: 'in a season' },
];

const rolling = ['last_7_days', 'last_14_days', 'last_30_days', 'last_90_days'];

interface Props {
  value: Json | undefined;
  events: string[];
  onChange: (window: JsonObject | undefined, topic?: string) => void;
}

interface BoundsProps {
  kind: WindowKind;
  window: JsonObject;
  events: string[];
  change: (fields: JsonObject, topic?: string) => void;
}

function Bounds({ kind, window, events, change }: BoundsProps) {
  if (kind === 'last') {
    return <DurationInput label="Length of the window" value={window.last} onChange={(last) => change({ last: last ?? '' }, 'last')} />;
  }
  if (kind === 'between_ago') {
    const [far, near] = Array.isArray(window.between_ago) ? window.between_ago : [];
    return (
      <>
        <DurationInput label="Start of the window, ago" value={far} onChange={(next) => change({ between_ago: [next ?? null, near ?? null] }, 'far')} />
        <span className="rb-word">and</span>
        <DurationInput label="End of the window, ago" value={near} onChange={(next) => change({ between_ago: [far ?? null, next ?? null] }, 'near')} />
        <span className="rb-word">ago</span>
      </>
    );
  }
  if (kind === 'calendar') {
    const current = String(window.calendar ?? '');
    const names = new Set([...rolling, ...(periods.some((item) => item.value === current) ? [] : [current])]);
    const data = [...periods, ...[...names].filter(Boolean).map((name) => ({ value: name, label: name.replaceAll('_', ' ') }))];
    return (
      <Select
        aria-label="Calendar period"
        size="xs"
        w={140}
        data={data}
        value={current || null}
        onChange={(next) => next && change({ calendar: next })}
        allowDeselect={false}
      />
    );
  }
  if (kind === 'season' && isObject(window.season)) {
    const { season } = window;
    return (
      <SeasonFields
        season={season}
        events={events}
        onChange={(fields, topic) => change({ season: withFields(season, fields) }, topic && `season ${topic}`)}
      />
    );
  }
  return (
    <>
      <MomentInput label="First day" clearable value={window.from} onChange={(from) => change({ from }, 'from')} />
      <span className="rb-word">to</span>
      <MomentInput label="Last day" clearable value={window.to} onChange={(to) => change({ to }, 'to')} />
    </>
  );
}

export function WindowFields({ value, events, onChange }: Props) {
  const { links } = useBuilder();
  const kind = windowKind(value);
  const window = (value ?? {}) as JsonObject;
  const change = (fields: JsonObject, topic?: string) => {
    const next = withFields(window, fields);
    onChange(Object.keys(next).length > 0 ? next : { from: null }, topic && `window ${topic}`);
  };
  // Without a catalogue nothing has a season.
  const offered = kinds.filter((item) => item.value !== 'season' || kind === 'season' || links.length > 0);
  const data = kind === 'other' ? [...offered, { value: 'other' as const, label: windowWords(value) }] : offered;
  const shifts = kind === 'last' || kind === 'between_ago' || kind === 'calendar';

  return (
    <>
      <Select
        aria-label="When"
        size="xs"
        w={kind === 'other' ? 260 : 164}
        data={data}
        value={kind}
        onChange={(next) => next && next !== 'other' && onChange(newWindow(next as WindowKind, links))}
        allowDeselect={false}
      />
      {kind !== 'all' && kind !== 'other' && <Bounds kind={kind} window={window} events={events} change={change} />}
      {(shifts || kind === 'season') && window.shift !== undefined && (
        <span className="rb-shift">
          <span className="rb-word">moved back by</span>
          <DurationInput label="Moved back by" value={window.shift} onChange={(shift) => change({ shift: shift ?? '1y' }, 'shift')} />
          <CloseButton size="sm" aria-label="Do not move the window back" onClick={() => change({ shift: undefined })} />
        </span>
      )}
      {shifts && window.shift === undefined && (
        <Tooltip label={terms.shift.text} multiline maw={280}>
          <button type="button" className="rb-hint" onClick={() => change({ shift: '1y' })}>
            a year earlier
          </button>
        </Tooltip>
      )}
    </>
  );
}
