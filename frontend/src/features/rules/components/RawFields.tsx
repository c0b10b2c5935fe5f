import { JsonInput, Text } from '@mantine/core';
import { useState } from 'react';
import { update } from '../model/edit';
import { isObject } from '../model/tree';
import { useBuilder } from './context';
import type { LeafProps } from './LeafLine';

/** A condition that has no form yet: kept exactly, edited as JSON. */
export function RawFields({ leaf }: LeafProps) {
  const { editor } = useBuilder();
  const [text, setText] = useState(() => JSON.stringify(leaf.json, null, 2));
  const [fault, setFault] = useState<string | null>(null);
  const apply = () => {
    try {
      const json: unknown = JSON.parse(text);
      if (!isObject(json)) throw new Error('A condition is a JSON object.');
      setFault(null);
      if (JSON.stringify(json) === JSON.stringify(leaf.json)) return;
      editor.edit((doc) => update(doc, leaf.id, (node) => (node.kind === 'group' ? node : { ...node, json })));
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'This is not JSON.');
    }
  };
  return (
    <div style={{ width: '100%' }}>
      <Text size="xs" c="dimmed" mb={4}>
        This condition is edited as JSON.
      </Text>
      <JsonInput
        aria-label="Condition as JSON"
        size="xs"
        autosize
        minRows={2}
        maxRows={14}
        value={text}
        onChange={setText}
        onBlur={apply}
        error={fault}
        classNames={{ input: 'rc-mono' }}
      />
    </div>
  );
}
