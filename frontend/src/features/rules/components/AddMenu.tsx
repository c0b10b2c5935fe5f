import { Button, Menu } from '@mantine/core';
import {
  IconChecklist,
  IconListDetails,
  IconParentheses,
  IconPlus,
  IconUserCircle,
  IconUsers,
  IconActivity,
} from '@tabler/icons-react';
import { insert } from '../model/edit';
import { newGroup, newLeaf, type RuleNode } from '../model/tree';
import { focusLine, useBuilder } from './context';

export function AddMenu({ groupId }: { groupId: string }) {
  const { editor } = useBuilder();
  const add = (make: () => RuleNode) => () => {
    const node = make();
    editor.edit((doc) => insert(doc, groupId, node));
    focusLine(node.id);
  };
  return (
    <div className="rb-add">
      <Button size="compact-sm" variant="default" leftSection={<IconUserCircle size={15} />} onClick={add(() => newLeaf('trait'))}>
        Trait
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconActivity size={15} />} onClick={add(() => newLeaf('event'))}>
        Behaviour
      </Button>
      <Button size="compact-sm" variant="default" leftSection={<IconParentheses size={15} />} onClick={add(() => newGroup('any'))}>
        Group
      </Button>
      <Menu position="bottom-start" shadow="md">
        <Menu.Target>
          <Button size="compact-sm" variant="subtle" color="gray" leftSection={<IconPlus size={15} />}>
            More
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconChecklist size={16} />} onClick={add(() => newLeaf('segment'))}>
            Members of a segment
          </Menu.Item>
          <Menu.Item leftSection={<IconListDetails size={16} />} onClick={add(() => newLeaf('list'))}>
            Users on a list
          </Menu.Item>
          <Menu.Item leftSection={<IconUsers size={16} />} onClick={add(() => newLeaf('everyone'))}>
            Everyone
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
