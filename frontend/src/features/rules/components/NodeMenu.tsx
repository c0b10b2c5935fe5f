import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowBarToLeft,
  IconArrowBarToRight,
  IconArrowDown,
  IconArrowUp,
  IconBan,
  IconBoxMultiple,
  IconCopy,
  IconDots,
  IconTrash,
  IconX,
} from '@tabler/icons-react';
import { duplicate, moveStep, negate, remove, unwrap, wrap } from '../model/edit';
import type { RuleNode } from '../model/tree';
import { useBuilder } from './context';

export function NodeMenu({ node, isRoot }: { node: RuleNode; isRoot: boolean }) {
  const { editor } = useBuilder();
  const { edit } = editor;
  const { id } = node;
  const size = 16;
  return (
    <Menu position="bottom-end" shadow="md" width={220}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={node.kind === 'group' ? 'Group actions' : 'Line actions'}>
          <IconDots size={size} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconBan size={size} />} onClick={() => edit((doc) => negate(doc, id))}>
          {node.nots.length > 0 ? 'Remove the “not”' : 'Turn into “not”'}
        </Menu.Item>
        <Menu.Item leftSection={<IconBoxMultiple size={size} />} onClick={() => edit((doc) => wrap(doc, id, 'any'))}>
          Put in an “any of” group
        </Menu.Item>
        <Menu.Item leftSection={<IconBoxMultiple size={size} />} onClick={() => edit((doc) => wrap(doc, id, 'all'))}>
          Put in an “all of” group
        </Menu.Item>
        {!isRoot && (
          <>
            {node.kind === 'group' && node.nots.length === 0 && (
              <Menu.Item leftSection={<IconX size={size} />} onClick={() => edit((doc) => unwrap(doc, id))}>
                Dissolve the group
              </Menu.Item>
            )}
            <Menu.Item leftSection={<IconCopy size={size} />} onClick={() => edit((doc) => duplicate(doc, id))}>
              Duplicate
            </Menu.Item>
            <Menu.Divider />
            <Menu.Item leftSection={<IconArrowUp size={size} />} onClick={() => edit((doc) => moveStep(doc, id, 'up'))}>
              Move up
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowDown size={size} />} onClick={() => edit((doc) => moveStep(doc, id, 'down'))}>
              Move down
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowBarToRight size={size} />} onClick={() => edit((doc) => moveStep(doc, id, 'in'))}>
              Move into the next group
            </Menu.Item>
            <Menu.Item leftSection={<IconArrowBarToLeft size={size} />} onClick={() => edit((doc) => moveStep(doc, id, 'out'))}>
              Move out of the group
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item color="red" leftSection={<IconTrash size={size} />} onClick={() => edit((doc) => remove(doc, id))}>
          {isRoot ? 'Start over' : 'Remove'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
