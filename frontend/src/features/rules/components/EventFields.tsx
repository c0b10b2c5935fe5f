import { Button } from '@mantine/core';
import { IconFilterPlus } from '@tabler/icons-react';
import { eventNames } from '../model/aggregates';
import { update } from '../model/edit';
import { newId } from '../model/tree';
import { AggregateFields } from './AggregateFields';
import { focusLine, propertiesOf, useBuilder } from './context';
import { EventPicker } from './EventPicker';
import { FilterRow } from './FilterRow';
import type { LeafProps } from './LeafLine';
import { WindowFields } from './WindowFields';

export function EventFields({ leaf, change }: LeafProps) {
  const { editor, schema } = useBuilder();
  const events = eventNames(leaf.json);
  const properties = propertiesOf(schema, events);
  const filters = leaf.where ?? [];
  const setFilters = (next: typeof filters, topic?: string) =>
    editor.edit(
      (doc) =>
        update(doc, leaf.id, (node) => {
          if (node.kind === 'group') return node;
          const { where: _before, ...rest } = node;
          return next.length > 0 ? { ...rest, where: next } : rest;
        }),
      topic,
    );

  const addFilter = () => {
    const id = newId();
    setFilters([...filters, { id, json: { property: '', op: 'eq' } }]);
    focusLine(id);
  };

  return (
    <>
      <span className="rb-word">did</span>
      <EventPicker
        known={schema.events}
        value={events}
        onChange={(names) => change({ event: names.length === 1 ? (names[0] ?? '') : names.length === 0 ? '' : names })}
      />
      {events.length > 0 && (
        <>
          <AggregateFields json={leaf.json} events={events} properties={properties} onChange={change} />
          <WindowFields value={leaf.json.window} events={events} onChange={(window, topic) => change({ window }, topic)} />
          <div className="rb-filters">
            {filters.map((filter, index) => (
              <FilterRow
                key={filter.id}
                filter={filter}
                first={index === 0}
                events={events}
                properties={properties}
                onChange={(json, topic) =>
                  setFilters(
                    filters.map((item) => (item.id === filter.id ? { ...item, json } : item)),
                    topic && `${filter.id} ${topic}`,
                  )
                }
                onRemove={() => setFilters(filters.filter((item) => item.id !== filter.id))}
              />
            ))}
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconFilterPlus size={14} />}
              onClick={addFilter}
            >
              {filters.length === 0 ? 'Add a filter' : 'And'}
            </Button>
          </div>
        </>
      )}
    </>
  );
}
