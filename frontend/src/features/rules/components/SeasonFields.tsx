import { Select } from '@mantine/core';
import type { Json, JsonObject } from '@/api/types';
import { elementType } from '../model/operators';
import { fieldText } from '../model/tree';
import { seasonChoices, windowWords } from '../model/windows';
import { eventWith, propertiesOf, useBuilder } from './context';
import { typeOf } from './PathPicker';
import { TextValueInput } from './SuggestedInput';
import { NumberValue } from './ValueInput';

/** Which season, and of what: the row of a catalogue that a linked property or trait names. */
export function SeasonFields({
  season,
  events,
  onChange,
}: {
  season: JsonObject;
  events: string[];
  onChange: (fields: JsonObject, topic?: string) => void;
}) {
  const { schema, links } = useBuilder();
  const property = fieldText(season, 'property');
  const which = typeof season.which === 'number' ? season.which : 0;
  const event = eventWith(schema, events, property) ?? eventWith(schema, ['*'], property);
  const fields = [...propertiesOf(schema, ['*']), ...schema.traits];
  const setValue = (value: Json | undefined) => onChange({ value }, 'value');
  return (
    <span className="rb-season" role="group" aria-label={windowWords({ season })}>
      <Select
        aria-label="Which season"
        size="xs"
        w={212}
        data={seasonChoices(which)}
        value={String(which)}
        onChange={(next) => onChange({ which: Number(next) === 0 ? undefined : Number(next) })}
        allowDeselect={false}
      />
      <span className="rb-word">of</span>
      <Select
        aria-label="Linked property"
        placeholder="property"
        size="xs"
        w={132}
        data={property === '' || links.includes(property) ? links : [...links, property]}
        value={property || null}
        onChange={(next) => onChange({ property: next ?? '', value: undefined })}
        allowDeselect={false}
        comboboxProps={{ width: 'max-content', position: 'bottom-start' }}
      />
      {elementType(typeOf(fields, property, season)) === 'number' ? (
        <NumberValue label="Whose season" value={season.value} onChange={setValue} />
      ) : (
        <TextValueInput
          label="Whose season"
          value={season.value}
          source={event ? { event, property } : { trait: property }}
          onChange={setValue}
        />
      )}
    </span>
  );
}
