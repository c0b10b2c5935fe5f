import { Group, MultiSelect, Text } from '@mantine/core';
import { useState } from 'react';
import type { SchemaEvent } from '@/api/types';
import { plural } from '@/ui/format';

/** One event, several, or any; a name never seen so far may be typed too. */
export function EventPicker({
  known,
  value,
  onChange,
}: {
  known: SchemaEvent[];
  value: string[];
  onChange: (names: string[]) => void;
}) {
  const [typed, setTyped] = useState('');
  const counts = new Map(known.map((event) => [event.name, event.count]));
  const names = new Set([...known.map((event) => event.name), ...value.filter((name) => name !== '*')]);
  const extra = typed.trim() && !names.has(typed.trim()) ? [typed.trim()] : [];
  const data = [
    { value: '*', label: 'any event' },
    ...[...names, ...extra].map((name) => ({ value: name, label: name })),
  ];
  const choose = (next: string[]) => {
    const added = next.find((name) => !value.includes(name));
    if (added === '*') return onChange(['*']);
    onChange(next.filter((name) => name !== '*' || next.length === 1));
  };
  return (
    <MultiSelect
      aria-label="Events"
      placeholder={value.length === 0 ? 'Pick an event' : ''}
      size="xs"
      className="rb-events"
      data-several={value.length > 1 || undefined}
      data={data}
      value={value}
      onChange={choose}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      hidePickedOptions
      comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      renderOption={({ option }) => (
        <Group justify="space-between" gap="xl" wrap="nowrap" w="100%">
          <span>{option.label}</span>
          <Text size="xs" c="dimmed">
            {option.value === '*'
              ? ''
              : counts.has(option.value)
                ? plural(counts.get(option.value) ?? 0, 'time')
                : 'never seen'}
          </Text>
        </Group>
      )}
    />
  );
}
