import { Anchor, Button, Group, Skeleton, Stack, Text, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { Problem } from '@/api/client';
import { ruleForms, ruleFormsQuery } from '@/api/rules';
import type { RuleFault } from '@/api/types';
import { ErrorState } from '@/ui/states';
import { fromJson, toJson } from '../model/tree';
import { Faults } from './Faults';
import { Underlined } from './Underlined';
import { useBuilder } from './context';

/** The rule as text, editable; what cannot be read is underlined, what can is applied as one step that can be undone. */
export function TextView() {
  const { editor } = useBuilder();
  const forms = useQuery(ruleFormsQuery(toJson(editor.doc)));
  const stored = forms.data?.text ?? '';
  const [text, setText] = useState(stored);
  const area = useRef<HTMLTextAreaElement>(null);
  useEffect(() => setText(stored), [stored]);

  const [question] = useDebouncedValue(text, 250);
  const changed = text !== stored;
  const read = useQuery({
    queryKey: ['rule-read', question],
    queryFn: ({ signal }) => ruleForms(question, signal),
    enabled: changed && question.trim() !== '',
    retry: false,
    placeholderData: keepPreviousData,
  });
  const settled = question === text && !read.isFetching;
  const faults = changed && read.error instanceof Problem ? read.error.errors : [];
  const show = (fault: RuleFault) => {
    if (!fault.text || !area.current) return;
    area.current.focus();
    area.current.setSelectionRange(fault.text.offset, fault.text.offset + Math.max(1, fault.text.length));
  };

  if (forms.error) return <ErrorState error={forms.error} />;
  if (!forms.data) return <Skeleton height={160} radius="md" />;
  if (forms.data.text === null) {
    return <Text size="sm">This rule is not finished, so it has no text yet. Finish it in the builder first.</Text>;
  }
  return (
    <Stack gap="xs">
      <Underlined text={text} faults={settled ? faults : []}>
        <Textarea
          ref={area}
          label="The rule as text"
          description="Reads back to the same rule."
          autosize
          minRows={6}
          maxRows={30}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          error={settled && faults.length > 0}
          spellCheck={false}
          classNames={{ input: 'rc-mono' }}
        />
      </Underlined>
      {settled && (
        <Stack gap={2} role="status">
          {faults.map((fault) => (
            <Anchor key={fault.detail} component="button" type="button" size="sm" c="red" ta="left" onClick={() => show(fault)}>
              {fault.detail}
            </Anchor>
          ))}
        </Stack>
      )}
      {!changed && <Faults id="" />}
      {faults.length === 0 && <Text size="sm">{(changed ? read.data : forms.data)?.words.en}</Text>}
      <Group justify="space-between">
        <Text size="xs" c="dimmed">
          {changed ? 'Changed, not applied yet' : 'In step with the builder'}
        </Text>
        <Group gap="xs">
          <Button variant="default" size="xs" disabled={!changed} onClick={() => setText(stored)}>
            Discard
          </Button>
          <Button
            size="xs"
            disabled={!changed || !settled || faults.length > 0 || !read.data}
            onClick={() => {
              const rule = read.data?.rule;
              if (rule) editor.edit(() => fromJson(rule));
            }}
          >
            Apply
          </Button>
        </Group>
      </Group>
    </Stack>
  );
}
