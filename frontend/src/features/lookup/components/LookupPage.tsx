import { Alert, Button, Card, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { lookupUser } from '@/api/admin';
import { Problem } from '@/api/client';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import { WhyLink } from '@/features/explain/components/WhyLink';
import { can } from '@/features/session/model/permissions';
import { number, plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, ErrorState, Forbidden, LoadingRows } from '@/ui/states';
import { Term } from '@/ui/term';

function Lookup() {
  const [typed, setTyped] = useState('');
  const [userId, setUserId] = useState('');
  const [purpose, setPurpose] = useState('ads');
  const segments = useQuery(segmentsQuery());
  const found = useQuery({
    queryKey: ['lookup', userId, purpose],
    queryFn: () => lookupUser(userId, purpose),
    enabled: userId !== '',
    retry: false,
    staleTime: 0,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUserId(typed.trim());
  };
  const nameOf = (id: string) => segments.data?.items.find((item) => item.id === id)?.name ?? id;
  const unknown = found.error instanceof Problem && found.error.status === 404;
  return (
    <Card maw={720}>
      <form onSubmit={submit}>
        <Group align="flex-end">
          <TextInput label="User id" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} style={{ flex: '1 1 220px' }} />
          <SegmentedControl
            aria-label="Purpose"
            data={[
              { value: 'ads', label: 'Advertising' },
              { value: 'email', label: 'E-mail' },
            ]}
            value={purpose}
            onChange={setPurpose}
          />
          <Button type="submit" leftSection={<IconSearch size={16} />} disabled={!typed.trim()}>
            Look up
          </Button>
        </Group>
      </form>
      <div style={{ marginTop: 20 }} aria-live="polite">
        {!userId && <Text size="sm" c="dimmed">The answer is what an ad server gets for the same question.</Text>}
        {userId && found.isFetching && !found.data && <LoadingRows rows={3} />}
        {unknown && <EmptyState title="Nobody with this id is known" />}
        {found.error && !unknown && <ErrorState error={found.error} onRetry={() => void found.refetch()} />}
        {found.data && (
          <Stack gap="xs">
            <Text size="sm">
              <strong className="rc-mono">{found.data.user_id}</strong> is in{' '}
              {plural(found.data.segments.length, 'segment')} for this purpose, with everything up to <Term name="entry">entry</Term> {number(found.data.watermark_seq)} counted.
            </Text>
            {found.data.segments.length === 0 && (
              <Alert color="gray">In no segment, or without consent for this purpose.</Alert>
            )}
            {found.data.segments.map((id) => (
              <Group key={id} gap="md">
                <Link to="/segments/$id" params={{ id }} className="rc-rowlink">
                  {nameOf(id)}
                </Link>
                <WhyLink segmentId={id} userId={found.data.user_id} name={nameOf(id)} />
              </Group>
            ))}
          </Stack>
        )}
      </div>
    </Card>
  );
}

export default function LookupPage() {
  const { user } = useSession();
  return (
    <>
      <PageHeader title="Look up a user" lead="Which segments a user is in, right now." />
      {can(user.role, 'look up users') ? <Lookup /> : <Forbidden />}
    </>
  );
}
