import { Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle, IconPencil } from '@tabler/icons-react';
import { useBuilder } from './context';

/** What is wrong with a line, odd about it, or missing from it; without an id, of all lines. */
export function Faults({ id }: { id?: string }) {
  const { live } = useBuilder();
  const of = <T,>(told: Map<string, T>): T[] => [...told].filter(([line]) => id === undefined || line === id).map(([, what]) => what);
  const faults = of(live.faults).flat();
  const warnings = of(live.warnings).flat();
  const missing = of(live.compiled.incomplete);
  if (faults.length === 0 && warnings.length === 0 && missing.length === 0) return null;
  return (
    <div className="rb-faults">
      {missing.map((what, index) => (
        <Text key={index} size="xs" c="dimmed" className="rb-fault">
          <IconPencil size={14} aria-hidden /> {what}. Until then this is left out of the count, and the segment cannot be saved.
        </Text>
      ))}
      {faults.map((fault) => (
        <Text key={fault.pointer + fault.code} size="xs" className="rb-fault rb-fault-error" role="alert">
          <IconAlertTriangle size={14} aria-hidden /> {fault.detail}
        </Text>
      ))}
      {warnings.map((warning) => (
        <Text key={warning.pointer + warning.code + warning.detail} size="xs" className="rb-fault rb-fault-warning">
          <IconInfoCircle size={14} aria-hidden /> {warning.detail}
        </Text>
      ))}
    </div>
  );
}
