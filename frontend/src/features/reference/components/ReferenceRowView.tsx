import { Badge, Group, Stack, Text, Title } from '@mantine/core';
import type { ReferenceRow } from '@/api/types';
import { Copy, JsonBlock } from '@/ui/bits';

/** Words between back-ticks are words of the language. */
function Prose({ text }: { text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 0 ? part : <code key={part + String(index)} className="rc-mono">{part}</code>));
}

function Fields({ row }: { row: ReferenceRow }) {
  return (
    <dl className="ref-fields">
      {row.fields.map((field) => (
        <div key={`${field.of ?? ''}/${field.name}`}>
          <dt>
            <code className="rc-mono">{field.name}</code>
            {field.of && (
              <Text span size="xs" c="dimmed">
                {' '}
                {field.of}
              </Text>
            )}
          </dt>
          <dd>
            <Prose text={field.means} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Example({ row }: { row: ReferenceRow }) {
  const { example } = row;
  if (!example) return null;
  const name = row.title ?? row.name;
  return (
    <Stack gap={6} className="ref-example">
      <Text size="sm">
        <Text span size="xs" c="dimmed" fw={600}>
          For example:{' '}
        </Text>
        {example.words.en}
      </Text>
      {example.text !== null && (
        <Group gap={4} wrap="nowrap" align="flex-start">
          <JsonBlock value={example.text} label={`${name}: the example as text`} />
          <Copy text={example.text} label={`Copy the example of ${name}`} />
        </Group>
      )}
      <details open={example.text === null}>
        <summary>As JSON</summary>
        <JsonBlock value={example.rule} label={`${name}: the example as JSON`} />
      </details>
      {example.given.map((given) => (
        <Text size="sm" key={given.pointer + given.code}>
          <Badge color="gray" mr={6}>
            {given.code}
          </Badge>
          {given.detail}
        </Text>
      ))}
    </Stack>
  );
}

/** One word of the language: what it means, its edges, and a rule that uses it. */
export function ReferenceRowView({ section, row }: { section: string; row: ReferenceRow }) {
  return (
    <article className="rc-item" id={`${section}-${row.name}`}>
      <Title order={3} size="h4">
        {row.title ? (
          <>
            {row.title} <code className="rc-mono ref-name">{row.name}</code>
          </>
        ) : (
          <code className="rc-mono">{row.name}</code>
        )}
      </Title>
      <Text size="sm" maw={760}>
        <Prose text={row.means} />
      </Text>
      {row.boundary && (
        <Text size="sm" c="dimmed" maw={760}>
          <Prose text={row.boundary} />
        </Text>
      )}
      {row.facts.map((fact) => (
        <Text size="sm" key={fact.label} maw={760}>
          <Text span size="xs" c="dimmed" fw={600}>
            {fact.label}:{' '}
          </Text>
          <Prose text={fact.text} />
        </Text>
      ))}
      {row.fields.length > 1 && <Fields row={row} />}
      <Example row={row} />
    </article>
  );
}
