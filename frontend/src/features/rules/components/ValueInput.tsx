import { NumberInput, SegmentedControl, Text } from '@mantine/core';
import type { ValueSource } from '@/api/rules';
import type { Json, ValueType } from '@/api/types';
import { elementType, type ValueShape } from '../model/operators';
import { DurationInput } from './DurationInput';
import { MomentInput } from './MomentInput';
import { ManyInput, TextValueInput } from './SuggestedInput';

interface Props {
  shape: ValueShape;
  type: ValueType;
  value: Json | undefined;
  source: ValueSource | null;
  onChange: (value: Json | undefined) => void;
}

export function NumberValue({
  value,
  onChange,
  label,
  whole = false,
}: {
  value: Json | undefined;
  onChange: (value: number | undefined) => void;
  label: string;
  whole?: boolean;
}) {
  return (
    <NumberInput
      aria-label={label}
      size="xs"
      w={84}
      hideControls
      placeholder={value === undefined || value === null ? 'number' : String(value)}
      allowDecimal={!whole}
      value={typeof value === 'number' ? value : ''}
      onChange={(next) => onChange(typeof next === 'number' ? next : undefined)}
    />
  );
}

function One({ type, value, source, onChange, label }: Omit<Props, 'shape'> & { label: string }) {
  switch (elementType(type)) {
    case 'number':
      return <NumberValue label={label} value={value} onChange={onChange} />;
    case 'boolean':
      return (
        <SegmentedControl
          aria-label={label}
          size="xs"
          data={[
            { value: 'true', label: 'yes' },
            { value: 'false', label: 'no' },
          ]}
          value={typeof value === 'boolean' ? String(value) : ''}
          onChange={(next) => onChange(next === 'true')}
        />
      );
    case 'moment':
      return <MomentInput label={label} value={value} onChange={onChange} />;
    default:
      return <TextValueInput label={label} value={value} source={source} onChange={onChange} />;
  }
}

/** A value by the operator's shape and the path's type. */
export function ValueInput({ shape, type, value, source, onChange }: Props) {
  if (shape === 'duration') return <DurationInput label="Length" value={value} onChange={onChange} />;
  if (shape === 'days') {
    return (
      <>
        <NumberValue label="Days ahead" whole value={value} onChange={onChange} />
        <Text size="sm">{value === 1 ? 'day' : 'days'}</Text>
      </>
    );
  }
  if (shape === 'many') {
    return <ManyInput numeric={elementType(type) === 'number'} value={value} source={source} onChange={onChange} />;
  }
  if (shape === 'pair') {
    const [low, high] = Array.isArray(value) ? value : [];
    return (
      <>
        <One label="From" type={type} value={low} source={null} onChange={(next) => onChange([next ?? null, high ?? null])} />
        <Text size="sm">and</Text>
        <One label="To" type={type} value={high} source={null} onChange={(next) => onChange([low ?? null, next ?? null])} />
      </>
    );
  }
  return <One label="Value" type={type} value={value} source={source} onChange={onChange} />;
}
