import { Button, Group, JsonInput, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { fromJson, isObject, toJson } from '../model/tree';
import { Faults } from './Faults';
import { useBuilder } from './context';

/** The rule as the API stores it; applying it is one step that can be undone. */
export function JsonView() {
  const { editor } = useBuilder();
  const stored = JSON.stringify(toJson(editor.doc), null, 2);
  const [text, setText] = useState(stored);
  const [fault, setFault] = useState<string | null>(null);
  useEffect(() => {
    setText(stored);
    setFault(null);
  }, [stored]);

  const apply = () => {
    try {
      const json: unknown = JSON.parse(text);
      if (!isObject(json)) throw new Error('A rule is a JSON object.');
      editor.edit(() => fromJson(json));
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'This is not JSON.');
    }
  };
  return (
    <Stack gap="xs">
      <JsonInput
        label="The rule as JSON"
        description="What the API stores and both evaluation paths run."
        autosize
        minRows={10}
        maxRows={30}
        value={text}
        onChange={setText}
        error={fault}
        classNames={{ input: 'rc-mono' }}
      />
      <Faults id="" />
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {text === stored ? 'In step with the builder' : 'Changed, not applied yet'}
        </Text>
        <Group gap="xs">
          <Button variant="default" size="xs" disabled={text === stored} onClick={() => setText(stored)}>
            Discard
          </Button>
          <Button size="xs" disabled={text === stored} onClick={apply}>
            Apply
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
