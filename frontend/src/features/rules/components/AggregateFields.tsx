import { Select, Text } from '@mantine/core';
import type { JsonObject, SchemaField, ValueType } from '@/api/types';
import { aggregateOf, aggregates, threshold } from '../model/aggregates';
import { comparisons } from '../model/operators';
import { fieldText } from '../model/tree';
import { Comparison } from './Comparison';
import { eventWith, useBuilder } from './context';
import { PathPicker, typeOf } from './PathPicker';
import { NumberValue } from './ValueInput';

interface Props {
  json: JsonObject;
  events: string[];
  properties: SchemaField[];
  onChange: (fields: JsonObject, topic?: string) => void;
}

function Threshold({ json, onChange, unit }: Pick<Props, 'json' | 'onChange'> & { unit: string }) {
  const { op, value } = threshold(json);
  const set = (next: number | undefined) => onChange({ value: next ?? null }, 'value');
  const pair = Array.isArray(value) ? value : [null, null];
  const chooseOperator = (next: string | null) => {
    if (!next) return;
    if (next === 'between') onChange({ op: next, value: [pair[0] ?? value ?? null, null] });
    else onChange({ op: next, value: Array.isArray(value) ? (value[0] ?? null) : (value ?? null) });
  };
  return (
    <>
      <Select
        aria-label="How many"
        placeholder="how many"
        size="xs"
        w={104}
        data={comparisons.map((item) => ({ value: item.op, label: item.label }))}
        value={op ?? null}
        onChange={chooseOperator}
        allowDeselect={false}
      />
      {op === 'between' ? (
        <>
          <NumberValue label="From" value={pair[0]} onChange={(next) => onChange({ value: [next ?? null, pair[1] ?? null] }, 'value')} />
          <Text size="sm">and</Text>
          <NumberValue label="To" value={pair[1]} onChange={(next) => onChange({ value: [pair[0] ?? null, next ?? null] }, 'value')} />
        </>
      ) : (
        <NumberValue label="Number" value={value} onChange={set} />
      )}
      {unit && <span className="rb-word">{unit}</span>}
    </>
  );
}

export function AggregateFields({ json, events, properties, onChange }: Props) {
  const { schema } = useBuilder();
  const aggregate = aggregateOf(json);
  const of = fieldText(json, 'of');
  const fits = aggregate.of === 'number' ? properties.filter((field) => field.type === 'number') : properties;
  const picks = aggregate.agg === 'first' || aggregate.agg === 'last';
  const type: ValueType = typeOf(properties, of, json);
  const owner = eventWith(schema, events, of);

  const chooseAggregate = (next: string | null) => {
    const chosen = aggregates.find((item) => item.agg === next);
    if (!chosen) return;
    const compares = (name: string) => name !== 'first' && name !== 'last';
    const kept = compares(chosen.agg) && compares(aggregate.agg) ? threshold(json) : null;
    onChange({
      agg: chosen.agg === 'count' ? undefined : chosen.agg,
      of: chosen.of === 'none' ? undefined : json.of,
      op: kept ? kept.op : compares(chosen.agg) ? 'gte' : 'eq',
      value: kept ? kept.value : compares(chosen.agg) ? 1 : undefined,
      ignore_case: undefined,
    });
  };

  return (
    <>
      <Select
        aria-label="What to measure"
        size="xs"
        w={140}
        data={aggregates.map((item) => ({ value: item.agg, label: item.label }))}
        value={aggregate.agg}
        onChange={chooseAggregate}
        allowDeselect={false}
      />
      {aggregate.of !== 'none' && (
        <PathPicker label="Property" fields={fits} value={of} onChange={(path) => onChange({ of: path || undefined }, 'of')} />
      )}
      {picks ? (
        of && (
          <Comparison
            json={json}
            type={type}
            source={owner ? { event: owner, property: of } : null}
            onChange={onChange}
          />
        )
      ) : (
        <Threshold json={json} onChange={onChange} unit={aggregate.agg === 'count' ? (threshold(json).value === 1 ? 'time' : 'times') : ''} />
      )}
    </>
  );
}
