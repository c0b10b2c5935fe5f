import { Anchor, Card, Stack, Text } from '@mantine/core';
import { focusAdding, focusDraft, focusLine } from '@/features/rules/components/context';
import type { RuleEditor } from '@/features/rules/components/useRuleEditor';
import type { Obstacle } from '../model/obstacles';

/** Goes to where an obstacle is mended. */
export function mend({ at }: Obstacle, editor: RuleEditor): void {
  if (at === 'name') {
    document.querySelector<HTMLElement>('#segment-name')?.focus();
  } else if (typeof at === 'object' && 'draft' in at) {
    editor.show(at.draft.form);
    focusDraft(at.draft.form, at.draft.faults[0]);
  } else {
    editor.show('builder');
    if (at === 'add') focusAdding();
    else focusLine(at.line);
  }
}

/** What keeps a segment from being saved, each a way to its place. */
export function Obstacles({ found, id, editor }: { found: Obstacle[]; id: string; editor: RuleEditor }) {
  const passing = found.every((obstacle) => obstacle.passing);
  return (
    <Card id={id} component="section" aria-label="Before it can be saved" className="rb-aside" padding="md" data-passing={passing || undefined}>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        Before it can be saved
      </Text>
      <Stack gap={4} align="flex-start">
        {found.map((obstacle) => (
          <Anchor key={JSON.stringify(obstacle)} component="button" type="button" size="sm" ta="left" onClick={() => mend(obstacle, editor)}>
            {obstacle.text}
          </Anchor>
        ))}
      </Stack>
    </Card>
  );
}
