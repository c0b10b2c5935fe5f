import { Group, NumberInput, Select } from '@mantine/core';
import { useState } from 'react';
import type { Json } from '@/api/types';
import { parseDuration, units } from '../model/windows';

export function DurationInput({
  value,
  onChange,
  label,
}: {
  value: Json | undefined;
  onChange: (value: string | undefined) => void;
  label: string;
}) {
  const duration = parseDuration(value);
  const [unit, setUnit] = useState(duration?.unit ?? 'd');
  const shown = duration?.unit ?? unit;
  const set = (amount: number | string, next: string) => {
    setUnit(next);
    onChange(typeof amount === 'number' && amount > 0 ? `${amount}${next}` : undefined);
  };
  return (
    <Group gap={4} wrap="nowrap">
      <NumberInput
        aria-label={label}
        size="xs"
        w={64}
        hideControls
        min={1}
        allowDecimal={false}
        allowNegative={false}
        value={duration?.amount ?? ''}
        onChange={(amount) => set(amount, shown)}
      />
      <Select
        aria-label={`${label}, unit`}
        size="xs"
        w={104}
        data={units.map((item) => ({ value: item.unit, label: duration?.amount === 1 ? item.one : item.many }))}
        value={shown}
        onChange={(next) => next && set(duration?.amount ?? '', next)}
        allowDeselect={false}
      />
    </Group>
  );
}
