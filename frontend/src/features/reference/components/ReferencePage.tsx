import './reference.css';
import { Anchor, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { ruleReferenceQuery } from '@/api/rules';
import type { RuleReference } from '@/api/types';
import { plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { find } from '../model/find';
import { ReferenceRowView } from './ReferenceRowView';

const route = getRouteApi('/shell/help/rules');

function Sections({ reference, question }: { reference: RuleReference; question: string }) {
  const found = find(reference.sections, question);
  const count = found.reduce((sum, section) => sum + section.rows.length, 0);
  return (
    <Stack gap="md">
      <Group component="nav" aria-label="Sections" gap="xs">
        {found.map((section) => (
          <Anchor key={section.id} href={`#${section.id}`} size="sm">
            {section.title}
          </Anchor>
        ))}
      </Group>
      <Text size="sm" c="dimmed" role="status">
        {question.trim() ? `${plural(count, 'word')} found` : plural(count, 'word')}
      </Text>
      {found.map((section) => (
        <Card key={section.id} id={section.id} component="section" aria-labelledby={`${section.id}-title`}>
          <Title order={2} size="h3" id={`${section.id}-title`}>
            {section.title}
          </Title>
          <Text size="sm" c="dimmed" maw={760} mb="xs">
            {section.lead}
          </Text>
          {section.rows.map((row) => (
            <ReferenceRowView key={row.name} section={section.id} row={row} />
          ))}
        </Card>
      ))}
      {found.length === 0 && (
        <Card>
          <EmptyState title="Nothing found">No word of the rule language has all of these words told of it.</EmptyState>
        </Card>
      )}
    </Stack>
  );
}

/** What every word of the rule language means, as validation has it. */
export default function ReferencePage() {
  const { q = '' } = route.useSearch();
  const navigate = useNavigate();
  const [typed, setTyped] = useState(q);
  const query = useQuery(ruleReferenceQuery);
  const look = useDebouncedCallback(
    (text: string) => void navigate({ to: '/help/rules', search: text.trim() ? { q: text } : {}, replace: true }),
    250,
  );
  return (
    <>
      <PageHeader
        title="Rule reference"
        lead="What every word of a rule means, to its edges, with an example that you can copy. It is printed from the same tables that check rules."
      />
      <TextInput
        aria-label="Search the rule reference"
        placeholder="Search: season, at least, not set, unknown_field"
        leftSection={<IconSearch size={16} />}
        maw={420}
        mb="md"
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          look(event.currentTarget.value);
        }}
      />
      <QueryView query={query}>{(reference) => <Sections reference={reference} question={q} />}</QueryView>
    </>
  );
}
