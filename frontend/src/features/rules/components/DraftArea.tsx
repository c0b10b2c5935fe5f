import { Anchor, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { type ReactNode, useRef } from 'react';
import { type Form, formNames, isPending } from '../model/draft';
import { focusDraft, useBuilder } from './context';
import { Faults } from './Faults';
import { Underlined } from './Underlined';

/** The rule to be typed: it becomes the rule by itself, and what is wrong with it is underlined and said. */
export function DraftArea({
  form,
  stored,
  label,
  description,
  minRows,
  children,
}: {
  form: Form;
  /** The rule in this form, shown until something is typed. */
  stored: string;
  label: string;
  description: string;
  minRows: number;
  /** Stands below a rule that could be read. */
  children?: ReactNode;
}) {
  const { editor } = useBuilder();
  const area = useRef<HTMLTextAreaElement>(null);
  const draft = editor.draft?.form === form ? editor.draft : null;
  const text = draft?.text ?? stored;
  const faults = draft?.faults ?? [];
  const underlined = draft?.state === 'faulty' ? faults : [];
  const discard = () => {
    editor.discard();
    area.current?.focus();
  };

  return (
    <Stack gap="xs" className="rb-typed">
      <Underlined text={text} faults={underlined}>
        <Textarea
          ref={area}
          id={`rule-${form}`}
          label={label}
          description={description}
          autosize
          minRows={minRows}
          maxRows={30}
          value={text}
          onChange={(event) => editor.type(form, event.currentTarget.value)}
          onBlur={editor.rest}
          error={underlined.length > 0}
          spellCheck={false}
          classNames={{ input: 'rc-mono' }}
        />
      </Underlined>
      <Stack gap={2} role="status">
        {faults.map((fault) => (
          <Anchor key={fault.detail} component="button" type="button" size="sm" c="red" ta="left" onClick={() => focusDraft(form, fault)}>
            {fault.detail}
          </Anchor>
        ))}
      </Stack>
      {!isPending(draft) && <Faults />}
      {faults.length === 0 && children}
      <Group justify="space-between" mih={30}>
        <Text size="xs" c="dimmed">
          {faults.length > 0
            ? `The rule stays as it was until this ${formNames[form]} can be read.`
            : isPending(draft)
              ? 'Reading…'
              : 'In step with the builder'}
        </Text>
        {faults.length > 0 && (
          <Button variant="default" size="xs" onClick={discard}>
            Discard the {formNames[form]}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
