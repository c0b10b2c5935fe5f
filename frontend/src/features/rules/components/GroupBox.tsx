import { Select, Text } from '@mantine/core';
import type { DragEvent } from 'react';
import { find, move, setMode } from '../model/edit';
import type { Group, GroupMode, RuleNode } from '../model/tree';
import { AddMenu } from './AddMenu';
import { useBuilder } from './context';
import { DragHandle } from './DragHandle';
import { Faults } from './Faults';
import { LeafLine } from './LeafLine';
import { NodeCount } from './NodeCount';
import { NodeMenu } from './NodeMenu';
import { Slot } from './Slot';

const modes = [
  { value: 'all', label: 'All of' },
  { value: 'any', label: 'Any of' },
  { value: 'not-any', label: 'None of' },
  { value: 'not-all', label: 'Not all of' },
];

export function NodeView({ node, isRoot = false }: { node: RuleNode; isRoot?: boolean }) {
  return node.kind === 'group' ? <GroupBox group={node} isRoot={isRoot} /> : <LeafLine leaf={node} isRoot={isRoot} />;
}

export function GroupBox({ group, isRoot }: { group: Group; isRoot: boolean }) {
  const { editor, dragging, setDragging } = useBuilder();
  const negated = group.nots.length > 0;
  const choose = (value: string | null) => {
    if (!value) return;
    const mode = value.replace('not-', '') as GroupMode;
    editor.edit((doc) => setMode(doc, group.id, mode, value.startsWith('not-')));
  };
  const over = (event: DragEvent) => {
    if (!dragging) return;
    event.preventDefault();
    event.stopPropagation();
  };
  const drop = (event: DragEvent) => {
    if (!dragging) return;
    over(event);
    const held = find(editor.doc.root, dragging);
    if (held && !find(held, group.id)) {
      editor.edit((doc) => move(doc, dragging, group.id, group.children.length));
    }
    setDragging(null);
  };
  const label = typeof group.rest.label === 'string' ? group.rest.label : null;

  return (
    <div
      role="group"
      className="rb-group"
      data-node={group.id}
      data-mode={group.mode}
      data-negated={negated || undefined}
      aria-label="Group of conditions"
      onDragOver={over}
      onDrop={drop}
    >
      <div className="rb-head">
        {!isRoot && <DragHandle id={group.id} label="the group" />}
        <Select
          aria-label="How the group's lines combine"
          size="xs"
          w={116}
          data={modes}
          value={`${negated ? 'not-' : ''}${group.mode}`}
          onChange={choose}
          allowDeselect={false}
          classNames={{ input: 'rb-mode' }}
        />
        <Text size="xs" c="dimmed" style={{ flex: 1 }} {...(label ? {} : { className: 'rb-following' })}>
          {label ?? (group.nots.length > 1 ? `negated ${group.nots.length} times` : 'the following')}
        </Text>
        <NodeCount id={group.id} />
        <NodeMenu node={group} isRoot={isRoot} />
      </div>
      <Faults id={group.id} />
      <div className="rb-children">
        {group.children.map((child, index) => (
          <Slot key={child.id} groupId={group.id} index={index}>
            <NodeView node={child} />
          </Slot>
        ))}
        {group.children.length === 0 && (
          <Text size="sm" c="dimmed" py={6}>
            {dragging ? 'Drop the line here.' : 'No condition yet. Add one, or drag one here.'}
          </Text>
        )}
        <AddMenu groupId={group.id} />
      </div>
    </div>
  );
}
