import { Autocomplete, Group, Text } from '@mantine/core';
import type { JsonObject, SchemaField, ValueType } from '@/api/types';
import { elementType, guessType, operatorsFor } from '../model/operators';
import { fieldText } from '../model/tree';

export const typeNames: Record<ValueType, string> = {
  string: 'text',
  number: 'number',
  boolean: 'yes / no',
  datetime: 'time',
  date: 'date',
  'list<string>': 'list of texts',
  'list<number>': 'list of numbers',
  object: 'object',
};

export function typeOf(fields: SchemaField[], path: string, json: JsonObject): ValueType {
  const known = fields.find((field) => field.path === path);
  return known?.type ?? guessType(fieldText(json, 'op') || undefined, json.value);
}

/** What stays of a comparison when its path is now of another type. */
export function retyped(json: JsonObject, before: ValueType, after: ValueType): JsonObject {
  const operators = operatorsFor(after);
  const op = fieldText(json, 'op');
  const keepsOperator = operators.some((item) => item.op === op);
  if (keepsOperator && elementType(before) === elementType(after)) return {};
  return {
    op: keepsOperator ? op : operators[0]?.op,
    value: undefined,
    ignore_case: undefined,
  };
}

export function PathPicker({
  label,
  fields,
  value,
  onChange,
}: {
  label: string;
  fields: SchemaField[];
  value: string;
  onChange: (path: string) => void;
}) {
  const types = new Map(fields.map((field) => [field.path, typeNames[field.type]]));
  return (
    <Autocomplete
      aria-label={label}
      placeholder={label}
      size="xs"
      className="rb-path"
      data={fields.map((field) => field.path)}
      value={value}
      onChange={onChange}
      limit={60}
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      renderOption={({ option }) => (
        <Group justify="space-between" gap="xl" wrap="nowrap" w="100%">
          <span>{option.value}</span>
          <Text size="xs" c="dimmed">
            {types.get(option.value)}
          </Text>
        </Group>
      )}
    />
  );
}
