import './builder.css';
import { Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { listsQuery } from '@/api/lists';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { JsonObject } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { groupWords, leafWords, type Names } from '../model/describe';
import { fromJson, type RuleNode } from '../model/tree';

function Lines({ node, names }: { node: RuleNode; names: Names }) {
  if (node.kind === 'group') {
    return (
      <li>
        <Text span size="sm" fw={600}>
          {groupWords(node)}
        </Text>
        <ul className="rb-outline">
          {node.children.map((child) => (
            <Lines key={child.id} node={child} names={names} />
          ))}
        </ul>
      </li>
    );
  }
  return (
    <li>
      <Text span size="sm">
        {node.nots.length % 2 === 1 && <strong>not: </strong>}
        {leafWords(node, names)}
      </Text>
    </li>
  );
}

/** A rule to read, not to edit. */
export function RuleOutline({ rule }: { rule: JsonObject }) {
  const { user } = useSession();
  const segments = useQuery(segmentsQuery());
  const lists = useQuery({ ...listsQuery, enabled: can(user.role, 'edit lists') });
  const doc = useMemo(() => fromJson(rule), [rule]);
  const names: Names = {
    segment: (id) => `“${segments.data?.items.find((item) => item.id === id)?.name ?? id}”`,
    list: (id) => `“${lists.data?.items.find((item) => item.id === id)?.name ?? id}”`,
  };
  return (
    <div>
      <ul className="rb-outline rb-outline-root">
        <Lines node={doc.root} names={names} />
      </ul>
      <Text size="xs" c="dimmed" mt="xs">
        Days and calendar periods in {doc.tz ?? 'UTC'}.
      </Text>
    </div>
  );
}
