import { Checkbox, Select, Tooltip } from '@mantine/core';
import type { ValueSource } from '@/api/rules';
import type { JsonObject, ValueType } from '@/api/types';
import { terms } from '@/ui/terms';
import { canIgnoreCase, fitValue, type Operator, operatorOf, operatorsFor } from '../model/operators';
import { fieldText } from '../model/tree';
import { ValueInput } from './ValueInput';

/** Operator and value of a trait, a filter, or a first or latest value. */
export function Comparison({
  json,
  type,
  source,
  operators = operatorsFor(type),
  onChange,
}: {
  json: JsonObject;
  type: ValueType;
  source: ValueSource | null;
  operators?: Operator[];
  onChange: (fields: JsonObject, topic?: string) => void;
}) {
  const op = fieldText(json, 'op');
  const current = operators.find((item) => item.op === op) ?? operatorOf(op, type);
  const data = operators.map((item) => ({ value: item.op, label: item.label }));
  if (op && !operators.some((item) => item.op === op)) {
    data.push({ value: op, label: current?.label ?? op });
  }
  const choose = (next: string | null) => {
    if (!next) return;
    const after = operators.find((item) => item.op === next) ?? operatorOf(next, type);
    const value = fitValue(json.value, current?.shape ?? 'none', after?.shape ?? 'one');
    onChange({
      op: next,
      value,
      ...(canIgnoreCase(next, type) ? {} : { ignore_case: undefined }),
    });
  };
  return (
    <>
      <Select
        aria-label="Comparison"
        placeholder="comparison"
        size="xs"
        className="rb-op"
        data={data}
        value={op || null}
        onChange={choose}
        allowDeselect={false}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      />
      {current && current.shape !== 'none' && (
        <ValueInput
          shape={current.shape}
          type={type}
          value={json.value}
          source={source}
          onChange={(value) => onChange({ value }, 'value')}
        />
      )}
      {current && json.ignore_case !== undefined && (
        <Checkbox
          size="xs"
          label="ignore case"
          checked={json.ignore_case === true}
          onChange={(event) => onChange({ ignore_case: event.currentTarget.checked || undefined })}
        />
      )}
      {current && json.ignore_case === undefined && json.value !== undefined && canIgnoreCase(op, type) && (
        <Tooltip label={terms.case.text} multiline maw={280}>
          <button type="button" className="rb-hint" aria-pressed="false" onClick={() => onChange({ ignore_case: true })}>
            ignore case
          </button>
        </Tooltip>
      )}
    </>
  );
}
