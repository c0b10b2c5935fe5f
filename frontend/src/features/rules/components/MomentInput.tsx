import { TextInput } from '@mantine/core';
import { DatePickerInput } from '@mantine/dates';
import type { Json } from '@/api/types';

/** A day by the calendar; an instant that a rule already holds stays an instant, as text. */
export function MomentInput({
  value,
  onChange,
  label,
  clearable = false,
}: {
  value: Json | undefined;
  onChange: (value: string | undefined) => void;
  label: string;
  clearable?: boolean;
}) {
  const text = typeof value === 'string' ? value : '';
  if (text && !/^\d{4}-\d{2}-\d{2}$/.test(text)) {
    return (
      <TextInput
        aria-label={`${label} (instant)`}
        size="xs"
        w={190}
        value={text}
        onChange={(event) => onChange(event.currentTarget.value || undefined)}
      />
    );
  }
  return (
    <DatePickerInput
      aria-label={label}
      placeholder={label.toLowerCase() === 'value' ? 'day' : label.toLowerCase()}
      size="xs"
      w={132}
      valueFormat="D MMM YYYY"
      value={text || null}
      onChange={(next) => onChange(next ?? undefined)}
      clearable={clearable}
      popoverProps={{ withinPortal: true }}
    />
  );
}
