import { Alert, Button, Card, Center, Group, Text } from '@mantine/core';
import { IconEyeOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { membersQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { JsonObject, Segment } from '@/api/types';
import { WhyLink } from '@/features/explain/components/WhyLink';
import { can } from '@/features/session/model/permissions';
import { number } from '@/ui/format';
import { EmptyState, QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { type Column, DataTable } from '@/ui/table';

interface Member {
  user_id: string;
  traits?: JsonObject | null;
}

/** The traits that most of the sample has, so that the columns say something. */
function commonTraits(members: Member[], most = 6): string[] {
  const seen = new Map<string, number>();
  for (const member of members) {
    for (const key of Object.keys(member.traits ?? {})) seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return [...seen].sort((a, b) => b[1] - a[1]).slice(0, most).map(([key]) => key);
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(shown).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const why = (segmentId: string): Column<Member> => ({
  key: 'why',
  title: 'Why in',
  hideTitle: true,
  cell: (member) => <WhyLink segmentId={segmentId} userId={member.user_id} name={member.user_id} />,
});

export function MembersTab({ segment }: { segment: Segment }) {
  const { user } = useSession();
  const query = useInfiniteQuery(membersQuery(segment.id));
  return (
    <Card p={0}>
      <QueryView query={query}>
        {({ pages }) => {
          const members = pages.flatMap((page) => page.items);
          const first = pages[0];
          if (!first || members.length === 0) return <EmptyState title="Nobody is in this segment" />;
          const columns: Column<Member>[] = [
            {
              key: 'user',
              title: first.pseudonymous ? 'Pseudonym' : 'User',
              cell: (member) => <span className="rc-mono">{member.user_id}</span>,
            },
            ...(can(user.role, 'explain users') ? [why(segment.id)] : []),
            ...commonTraits(members).map((trait) => ({
              key: trait,
              title: trait,
              cell: (member: Member) => shown(member.traits?.[trait]),
            })),
          ];
          return (
            <>
              <Group p="md" justify="space-between">
                <Text size="sm">
                  Showing {number(members.length)} of {number(first.count)} members
                </Text>
                <Text size="xs" c="dimmed" className="rc-mono">
                  count {first.build_id}
                </Text>
              </Group>
              {first.pseudonymous && (
                <Alert mx="md" mb="sm" color="blue" icon={<IconEyeOff size={18} />}>
                  Your role sees <Term name="pseudonym">pseudonyms</Term>. The same user has the same pseudonym everywhere.
                </Alert>
              )}
              <DataTable label="Members" rows={members} columns={columns} rowKey={(member) => member.user_id} />
              {query.hasNextPage && (
                <Center p="md">
                  <Button variant="default" onClick={() => void query.fetchNextPage()} loading={query.isFetchingNextPage}>
                    Show more
                  </Button>
                </Center>
              )}
            </>
          );
        }}
      </QueryView>
    </Card>
  );
}
