import { Group, Select, Text } from '@mantine/core';
import { number } from '@/ui/format';
import { fieldText } from '../model/tree';
import { useBuilder } from './context';
import type { LeafProps } from './LeafLine';

/** Members of another segment, or users on a list. */
export function ReferenceFields({ leaf, change }: LeafProps) {
  const builder = useBuilder();
  const kind = leaf.kind === 'segment' ? 'segment' : 'list';
  const known = kind === 'segment' ? builder.segments : builder.lists;
  const id = fieldText(leaf.json, kind);
  const counts = new Map(known.map((item) => [item.id, item.count]));
  const data = known.map((item) => ({ value: item.id, label: item.name }));
  if (id && !counts.has(id)) data.push({ value: id, label: id });
  return (
    <>
      <span className="rb-word">{kind === 'segment' ? 'is in segment' : 'is on list'}</span>
      <Select
        aria-label={kind === 'segment' ? 'Segment' : 'List'}
        placeholder={kind === 'segment' ? 'Pick a segment' : 'Pick a list'}
        size="xs"
        className="rb-reference"
        searchable
        data={data}
        value={id || null}
        onChange={(next) => change({ [kind]: next ?? '' })}
        nothingFoundMessage={`No ${kind} found`}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
        renderOption={({ option }) => (
          <Group justify="space-between" gap="xl" wrap="nowrap" w="100%">
            <span>{option.label}</span>
            <Text size="xs" c="dimmed">
              {counts.get(option.value) === null ? '' : number(counts.get(option.value))}
            </Text>
          </Group>
        )}
      />
    </>
  );
}
