import { Anchor, Card, Stack, Text } from '@mantine/core';
import { focusLine } from '@/features/rules/components/context';
import type { Obstacle } from '../model/obstacles';

/** Goes to where an obstacle is mended. */
export function mend({ at }: Obstacle): void {
  if (typeof at === 'object') focusLine(at.line);
  else document.querySelector<HTMLElement>(at === 'name' ? '#segment-name' : '.rb-add button')?.focus();
}

/** What keeps a segment from being saved, each a way to its place. */
export function Obstacles({ found, id }: { found: Obstacle[]; id: string }) {
  return (
    <Card id={id} component="section" aria-label="Before it can be saved" className="rb-aside" padding="md">
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        Before it can be saved
      </Text>
      <Stack gap={4} align="flex-start">
        {found.map((obstacle) => (
          <Anchor key={JSON.stringify(obstacle)} component="button" type="button" size="sm" ta="left" onClick={() => mend(obstacle)}>
            {obstacle.text}
          </Anchor>
        ))}
      </Stack>
    </Card>
  );
}
