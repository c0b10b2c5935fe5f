import { Alert, Button, Card, Group, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { recountQuery } from '@/api/recounts';
import { segmentQuery } from '@/api/segments';
import type { Recount } from '@/api/types';
import { Copy, Field } from '@/ui/bits';
import { instant, milliseconds, number, plural } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { QueryView } from '@/ui/states';
import { Term } from '@/ui/term';
import { Verdict } from './RecountsTable';

const route = getRouteApi('/shell/recounts/$id');

function Side({ title, note, side }: { title: string; note: string; side: { count: number; digest: string } | null | undefined }) {
  return (
    <Card>
      <Title order={2}>{title}</Title>
      <Text size="xs" c="dimmed" mb="sm">
        {note}
      </Text>
      {side ? (
        <Stack gap="sm">
          <Field label="Users">
            <Text fz={28} fw={650} className="rc-number">
              {number(side.count)}
            </Text>
          </Field>
          <Field label={<Term name="digest" />}>
            <Group gap={4} wrap="nowrap">
              <span className="rc-mono" style={{ overflowWrap: 'anywhere' }}>
                {side.digest}
              </span>
              <Copy text={side.digest} label="Copy the digest" />
            </Group>
          </Field>
        </Stack>
      ) : (
        <Group gap="xs" role="status">
          <Loader size="sm" />
          <Text size="sm">Counting…</Text>
        </Group>
      )}
    </Card>
  );
}

function Only({ title, ids, total }: { title: string; ids: string[] | undefined; total: number | null | undefined }) {
  if (!total) return null;
  const shown = ids ?? [];
  return (
    <Card>
      <Title order={2} mb={4}>
        {title}
      </Title>
      <Text size="sm" mb="xs">
        {plural(total, 'user')}
        {shown.length < total ? `, the first ${number(shown.length)} here` : ''}
      </Text>
      <div className="rc-code" tabIndex={0} role="region" aria-label={title}>
        {shown.join('\n')}
      </div>
    </Card>
  );
}

function Result({ recount }: { recount: Recount }) {
  const difference = (recount.only_engine_count ?? 0) + (recount.only_lake_count ?? 0);
  return (
    <Stack gap="md">
      {recount.state === 'done' && recount.agree && (
        <Alert color="brand" icon={<IconCircleCheck size={20} />} title="Both paths found the same set">
          The digests are equal, so the members are, one by one. The difference is 0 users.
        </Alert>
      )}
      {recount.state === 'done' && !recount.agree && (
        <Alert color="red" icon={<IconAlertTriangle size={20} />} title={`The sets differ by ${plural(difference, 'user')}`}>
          The users below are in one set and not in the other.
        </Alert>
      )}
      {recount.state === 'failed' && (
        <Alert color="red" icon={<IconAlertTriangle size={20} />} title="The recount failed">
          {recount.error ?? 'No reason was given.'}
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2 }}>
        <Side title="Bitmap index" note="The engine that answers while you type." side={recount.engine} />
        <Side title="Raw events" note="SQL over every stored event, a separate path." side={recount.state === 'failed' ? { count: 0, digest: '–' } : recount.lake} />
        <Only title="Only in the index" ids={recount.only_engine} total={recount.only_engine_count} />
        <Only title="Only in the raw events" ids={recount.only_lake} total={recount.only_lake_count} />
      </SimpleGrid>
      <Card>
        <SimpleGrid cols={{ base: 2, md: 4 }}>
          <Field label="As of">{instant(recount.instant)}</Field>
          <Field label={<Term name="watermark" />}>entry {number(recount.watermark_seq)}</Field>
          <Field label="Asked">
            {instant(recount.created_at)}
            {recount.requested_by
              ? ` by ${typeof recount.requested_by === 'string' ? recount.requested_by : recount.requested_by.name}`
              : ''}
          </Field>
          <Field label="Finished">
            {instant(recount.finished_at)}
            {recount.cost_ms ? `, took ${milliseconds(recount.cost_ms)}` : ''}
          </Field>
          <Field label="Count checked">
            <span className="rc-mono">{recount.build_id}</span>
          </Field>
        </SimpleGrid>
      </Card>
    </Stack>
  );
}

export default function RecountPage() {
  const { id } = route.useParams();
  const query = useQuery(recountQuery(id));
  const segment = useQuery({ ...segmentQuery(query.data?.segment_id ?? ''), enabled: query.data !== undefined });
  const name = segment.data?.name;
  return (
    <>
      <PageHeader
        title={name ? `Recount of ${name}` : 'Recount'}
        crumb={{ label: 'Recounts', to: '/recounts' }}
        badge={query.data && <Verdict recount={query.data} />}
        actions={
          segment.data && (
            <Button component={Link} to={`/segments/${segment.data.id}`} variant="default">
              Open the segment
            </Button>
          )
        }
      />
      <QueryView query={query}>{(recount) => <Result recount={recount} />}</QueryView>
    </>
  );
}
