import type { NearMiss, OwnEvent } from '@/api/explain';
import { instant, plural } from '@/ui/format';
import { type Column, DataTable } from '@/ui/table';
import { shown } from '../model/explanation';

const most = 8;

function Properties({ event }: { event: OwnEvent }) {
  const rest = event.properties.length - most;
  return (
    <div className="xp-properties">
      {event.properties.slice(0, most).map(({ path, value }) => (
        <span key={path}>
          <span className="xp-path">{path}</span> {shown(value)}
        </span>
      ))}
      {rest > 0 && <span className="xp-path">and {plural(rest, 'more property', 'more properties')}</span>}
    </div>
  );
}

const when: Column<OwnEvent> = { key: 'at', title: 'When', width: 210, cell: (event) => instant(event.at) };
const what: Column<OwnEvent> = { key: 'name', title: 'Event', cell: (event) => event.name };
const properties: Column<OwnEvent> = { key: 'properties', title: 'Properties', cell: (event) => <Properties event={event} /> };

export function EventTable({ label, events, numbered = false }: { label: string; events: OwnEvent[]; numbered?: boolean }) {
  const step: Column<OwnEvent> = { key: 'step', title: 'Step', width: 60, cell: (event) => events.indexOf(event) + 1 };
  const columns = numbered ? [step, when, what, properties] : [when, what, properties];
  return <DataTable label={label} rows={events} columns={columns} rowKey={(event) => event.seq} minWidth={520} />;
}

export function NearTable({ label, near }: { label: string; near: NearMiss[] }) {
  const of = (column: Column<OwnEvent>): Column<NearMiss> => ({ ...column, cell: (miss) => column.cell(miss.event) });
  const why: Column<NearMiss> = { key: 'why', title: 'Why not', cell: (miss) => miss.sentence };
  return (
    <DataTable
      label={label}
      rows={near}
      columns={[of(when), of(what), why, of(properties)]}
      rowKey={(miss) => `${miss.why} ${String(miss.event.seq)}`}
      minWidth={640}
    />
  );
}
