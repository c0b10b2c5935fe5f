import { Alert, Button, Group, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { type Draft, formNames } from '../model/draft';
import { focusDraft, focusViews, useBuilder } from './context';

/** Stands in place of a view of the rule while what was typed in another one is not the rule yet. */
export function DraftNotice({ draft }: { draft: Draft }) {
  const { editor } = useBuilder();
  const name = formNames[draft.form];
  const [fault] = draft.faults;
  if (!fault) {
    return (
      <Text size="sm" c="dimmed" role="status">
        Reading the {name}…
      </Text>
    );
  }
  const go = () => {
    editor.show(draft.form);
    focusDraft(draft.form, fault);
  };
  const discard = () => {
    editor.discard();
    focusViews();
  };
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={draft.state === 'unreachable' ? `The ${name} cannot be read now` : `The ${name} has a fault`}>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {fault.detail}
      </Text>
      <Text size="sm" mt={6}>
        What you typed is kept. The rule is shown here again once the {name} can be read, or as it was before if you discard the {name}.
      </Text>
      <Group gap="xs" mt="sm">
        <Button size="xs" onClick={go}>
          Go to the {name}
        </Button>
        <Button size="xs" variant="default" onClick={discard}>
          Discard the {name}
        </Button>
      </Group>
    </Alert>
  );
}
