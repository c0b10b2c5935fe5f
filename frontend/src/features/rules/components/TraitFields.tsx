import type { Json } from '@/api/types';
import { fieldText } from '../model/tree';
import { Comparison } from './Comparison';
import { useBuilder } from './context';
import type { LeafProps } from './LeafLine';
import { PathPicker, retyped, typeOf } from './PathPicker';

export function TraitFields({ leaf, change }: LeafProps) {
  const { schema } = useBuilder();
  const path = fieldText(leaf.json, 'trait');
  const type = typeOf(schema.traits, path, leaf.json);
  return (
    <>
      <PathPicker
        label="Trait"
        fields={schema.traits}
        value={path}
        onChange={(next) =>
          change({ trait: next, ...retyped(leaf.json, type, typeOf(schema.traits, next, {})) }, 'trait')
        }
      />
      {path !== '' && (
        <Comparison
          json={leaf.json}
          type={type}
          source={{ trait: path }}
          onChange={(fields: { [key: string]: Json | undefined }, topic) => change(fields, topic)}
        />
      )}
    </>
  );
}
