import { Button, Card, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconCircleCheck, IconCircleX, IconUserQuestion } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useLocation } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { type Explanation, explanationQuery } from '@/api/explain';
import type { Segment } from '@/api/types';
import { instant, number } from '@/ui/format';
import { EmptyState, ErrorState, LoadingRows } from '@/ui/states';
import { Term } from '@/ui/term';
import { instantOf, localOf } from '../model/explanation';
import { ExplainedRule } from './ExplainedRule';

function Answer({ found }: { found: Explanation }) {
  if (!found.known_since) return <EmptyState title="Nobody with this id is known">{found.sentence}</EmptyState>;
  if (!found.known) return <EmptyState title="Not known yet at that time">{found.sentence}</EmptyState>;
  return (
    <Stack gap="md">
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <span className={found.member ? 'rc-up' : 'rc-down'} style={{ lineHeight: 0, flex: 'none' }}>
          {found.member ? <IconCircleCheck size={26} aria-hidden /> : <IconCircleX size={26} aria-hidden />}
        </span>
        <div style={{ minWidth: 0 }}>
          <Title order={2} style={{ overflowWrap: 'anywhere' }}>
            <span className="rc-mono">{found.user_id}</span> {found.member ? 'is in' : 'is not in'}
          </Title>
          <Text size="xs" c="dimmed">
            As of {instant(found.instant)}, with everything up to <Term name="entry">entry</Term> {number(found.watermark_seq)} counted.
            The answer hangs on the lines in bold.
          </Text>
        </div>
      </Group>
      <ExplainedRule nodes={found.nodes} segments={found.segments} label="The rule, line by line" />
    </Stack>
  );
}

/** Why one user is in a segment or not. The user id stands in no address: links bring it along in the browser's history entry. */
export function ExplainTab({ segment }: { segment: Segment }) {
  const brought = useLocation({ select: (location) => location.state.explainUser ?? '' });
  const [typed, setTyped] = useState(brought);
  const [moment, setMoment] = useState('');
  const [asked, setAsked] = useState({ user: brought, at: undefined as string | undefined, turn: 0 });
  const found = useQuery(explanationQuery(segment.id, asked.user, asked.at, asked.turn));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ user: typed.trim(), at: instantOf(moment), turn: asked.turn + 1 });
  };
  return (
    <Card>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput
            label="User id"
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            style={{ flex: '1 1 220px' }}
            autoComplete="off"
            spellCheck={false}
          />
          <TextInput
            type="datetime-local"
            label="As of (now if empty)"
            max={localOf(new Date())}
            value={moment}
            onChange={(event) => setMoment(event.currentTarget.value)}
            style={{ flex: '0 1 230px' }}
          />
          <Button type="submit" leftSection={<IconUserQuestion size={16} />} disabled={!typed.trim()} loading={found.isFetching}>
            Explain
          </Button>
        </Group>
      </form>
      <div style={{ marginTop: 20 }} aria-live="polite">
        {!asked.user && (
          <Text size="sm" c="dimmed">
            Every line of the rule is answered with the events and traits that decide it, or with what nearly did. Asking is noted in
            the audit trail, under the user’s pseudonym.
          </Text>
        )}
        {found.isFetching && <LoadingRows rows={4} />}
        {!found.isFetching && found.error && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
        {!found.isFetching && found.data && <Answer key={asked.turn} found={found.data} />}
      </div>
    </Card>
  );
}
