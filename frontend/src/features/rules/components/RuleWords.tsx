import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { listsQuery } from '@/api/lists';
import { segmentsQuery } from '@/api/segments';
import type { JsonObject } from '@/api/types';
import { named } from '../model/describe';

/** A saved rule in the server's words, with names in place of ids. */
export function RuleWords({ words, rule }: { words: string | null | undefined; rule: JsonObject }) {
  const segments = useQuery(segmentsQuery());
  const lists = useQuery(listsQuery);
  const known = [...(segments.data?.items ?? []), ...(lists.data?.items ?? [])];
  return (
    <div>
      <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
        {named(words ?? '', known)}
      </Text>
      <Text size="xs" c="dimmed" mt="xs">
        Days and calendar periods in {typeof rule.tz === 'string' ? rule.tz : 'UTC'}.
      </Text>
    </div>
  );
}
