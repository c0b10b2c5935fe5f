import { Autocomplete, Group, TagsInput, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type ValueSource, valuesQuery } from '@/api/rules';
import type { Json } from '@/api/types';
import { plural } from '@/ui/format';

/** Values found in the data, those of most users first. */
function useSuggestions(source: ValueSource | null, typed: string, open: boolean) {
  const [prefix] = useDebouncedValue(typed, 150);
  const query = useQuery({
    ...valuesQuery(source ?? { trait: '' }, prefix),
    enabled: source !== null && open,
  });
  const items = query.data?.items ?? [];
  const users = new Map(items.map((item) => [String(item.value), item.users]));
  return { values: [...users.keys()], users };
}

function Option({ value, users }: { value: string; users: number | undefined }) {
  return (
    <Group justify="space-between" gap="xl" wrap="nowrap" w="100%">
      <span>{value === '' ? '(empty text)' : value}</span>
      {users !== undefined && (
        <Text size="xs" c="dimmed" className="rc-number">
          {plural(users, 'user')}
        </Text>
      )}
    </Group>
  );
}

const combobox = { width: 'max-content', position: 'bottom-start' } as const;

export function TextValueInput({
  value,
  source,
  onChange,
  label,
}: {
  value: Json | undefined;
  source: ValueSource | null;
  onChange: (value: string | undefined) => void;
  label: string;
}) {
  const text = value === undefined || value === null ? '' : String(value);
  const [open, setOpen] = useState(false);
  const { values, users } = useSuggestions(source, text, open);
  return (
    <Autocomplete
      aria-label={label}
      placeholder={value === '' ? '(empty text)' : 'value'}
      size="xs"
      className="rb-value"
      data={values.filter((item) => item !== '')}
      filter={({ options }) => options}
      value={text}
      onChange={(next) => onChange(next === '' ? undefined : next)}
      onDropdownOpen={() => setOpen(true)}
      comboboxProps={combobox}
      renderOption={({ option }) => <Option value={option.value} users={users.get(option.value)} />}
    />
  );
}

export function ManyInput({
  value,
  source,
  numeric,
  onChange,
}: {
  value: Json | undefined;
  source: ValueSource | null;
  numeric: boolean;
  onChange: (value: Json | undefined) => void;
}) {
  const chosen = Array.isArray(value) ? value.map(String) : [];
  const [typed, setTyped] = useState('');
  const [open, setOpen] = useState(false);
  const { values, users } = useSuggestions(source, typed, open);
  const set = (next: string[]) => {
    const kept = numeric ? next.map(Number).filter((item) => Number.isFinite(item)) : next;
    onChange(kept.length > 0 ? kept : undefined);
  };
  return (
    <TagsInput
      aria-label="Values"
      placeholder={chosen.length === 0 ? 'values' : ''}
      size="xs"
      className="rb-many"
      data={values}
      filter={({ options }) => options.filter((item) => 'value' in item && !chosen.includes(item.value))}
      value={chosen}
      onChange={set}
      searchValue={typed}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpen(true)}
      acceptValueOnBlur
      splitChars={numeric ? [',', ';', ' '] : [',', ';']}
      comboboxProps={combobox}
      renderOption={({ option }) => <Option value={option.value} users={users.get(option.value)} />}
    />
  );
}
