import { Badge, Text } from '@mantine/core';
import { negate, update } from '../model/edit';
import type { JsonObject } from '@/api/types';
import type { Leaf } from '../model/tree';
import { useBuilder } from './context';
import { DragHandle } from './DragHandle';
import { EventFields } from './EventFields';
import { Faults } from './Faults';
import { NodeCount } from './NodeCount';
import { NodeMenu } from './NodeMenu';
import { RawFields } from './RawFields';
import { ReferenceFields } from './ReferenceFields';
import { TraitFields } from './TraitFields';

export interface LeafProps {
  leaf: Leaf;
  /** Replaces fields; `undefined` removes one. */
  change: (fields: JsonObject, topic?: string) => void;
}

function Fields(props: LeafProps) {
  switch (props.leaf.kind) {
    case 'trait':
      return <TraitFields {...props} />;
    case 'event':
      return <EventFields {...props} />;
    case 'segment':
    case 'list':
      return <ReferenceFields {...props} />;
    case 'everyone':
      return <Text size="sm">Everyone known</Text>;
    default:
      return <RawFields {...props} />;
  }
}

export function withFields(json: JsonObject, fields: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries({ ...json, ...fields }).filter(([, value]) => value !== undefined),
  );
}

export function LeafLine({ leaf, isRoot }: { leaf: Leaf; isRoot: boolean }) {
  const { editor, live } = useBuilder();
  const change = (fields: JsonObject, topic?: string) =>
    editor.edit(
      (doc) =>
        update(doc, leaf.id, (node) =>
          node.kind === 'group' ? node : { ...node, json: withFields(node.json, fields) },
        ),
      topic && `${leaf.id} ${topic}`,
    );
  const label = typeof leaf.json.label === 'string' && leaf.kind !== 'raw' ? leaf.json.label : null;
  const state = live.faults.has(leaf.id) ? 'faulty' : live.compiled.incomplete.has(leaf.id) ? 'unfinished' : undefined;

  return (
    <div className="rb-line" data-node={leaf.id} data-kind={leaf.kind} data-state={state}>
      <div className="rb-row">
        {!isRoot && <DragHandle id={leaf.id} label="the line" />}
        {leaf.nots.length > 0 && (
          <Badge
            component="button"
            type="button"
            color="red"
            variant="filled"
            className="rb-not"
            onClick={() => editor.edit((doc) => negate(doc, leaf.id))}
            aria-label="Not. Press to remove"
          >
            {leaf.nots.length > 1 ? `NOT × ${leaf.nots.length}` : 'NOT'}
          </Badge>
        )}
        <div className="rb-fields">
          {label && (
            <Text size="xs" c="dimmed" w="100%">
              {label}
            </Text>
          )}
          <Fields leaf={leaf} change={change} />
        </div>
        <NodeCount id={leaf.id} />
        <NodeMenu node={leaf} isRoot={isRoot} />
      </div>
      <Faults id={leaf.id} />
    </div>
  );
}
