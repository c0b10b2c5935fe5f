import { CloseButton } from '@mantine/core';
import type { JsonObject, SchemaField } from '@/api/types';
import { filterWords } from '../model/describe';
import { fieldText, type Filter } from '../model/tree';
import { Comparison } from './Comparison';
import { eventWith, useBuilder } from './context';
import { Faults } from './Faults';
import { withFields } from './LeafLine';
import { PathPicker, retyped, typeOf } from './PathPicker';

export function FilterRow({
  filter,
  first,
  events,
  properties,
  onChange,
  onRemove,
}: {
  filter: Filter;
  first: boolean;
  events: string[];
  properties: SchemaField[];
  onChange: (json: JsonObject, topic?: string) => void;
  onRemove: () => void;
}) {
  const { schema } = useBuilder();
  const { json } = filter;
  const plain = 'property' in json;
  const path = fieldText(json, 'property');
  const type = typeOf(properties, path, json);
  const owner = eventWith(schema, events, path);
  const change = (fields: JsonObject, topic?: string) => onChange(withFields(json, fields), topic);

  return (
    <div className="rb-filter" data-filter={filter.id}>
      <div className="rb-filter-row">
        <div className="rb-filter-fields">
          <span className="rb-word">{first ? 'where' : 'and'}</span>
          {plain ? (
            <>
              <PathPicker
                label="Property"
                fields={properties}
                value={path}
                onChange={(next) =>
                  change({ property: next, ...retyped(json, type, typeOf(properties, next, {})) }, 'property')
                }
              />
              {path !== '' && (
                <Comparison
                  json={json}
                  type={type}
                  source={owner ? { event: owner, property: path } : null}
                  onChange={change}
                />
              )}
            </>
          ) : (
            <code className="rb-kept" title="Kept as it is. Edit it in the JSON view.">
              {filterWords(json)}
            </code>
          )}
        </div>
        <CloseButton size="sm" onClick={onRemove} aria-label="Remove the filter" />
      </div>
      <Faults id={filter.id} />
    </div>
  );
}
