import { Card, SegmentedControl, Group, SimpleGrid, Skeleton, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { historyQuery } from '@/api/segments';
import type { Segment } from '@/api/types';
import { RuleWords } from '@/features/rules/components/RuleWords';
import { JsonBlock } from '@/ui/bits';
import { EmptyState, QueryView } from '@/ui/states';

const SizeChart = lazy(() => import('./SizeChart'));

const spans = [
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '365', label: 'a year' },
  { value: '', label: 'all' },
];

export function OverviewTab({ segment }: { segment: Segment }) {
  const [span, setSpan] = useState('30');
  const [form, setForm] = useState('words');
  const from = useMemo(
    () => (span ? new Date(Date.now() - Number(span) * 86_400_000).toISOString() : undefined),
    [span],
  );
  const history = useQuery({ ...historyQuery(segment.id, from), refetchInterval: 30_000 });
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md" style={{ alignItems: 'start' }}>
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>Size over time</Title>
          <SegmentedControl aria-label="Span" size="xs" data={spans} value={span} onChange={setSpan} />
        </Group>
        <QueryView query={history} loading={<Skeleton height={280} radius="md" />}>
          {({ points }) =>
            points.length > 0 ? (
              <Suspense fallback={<Skeleton height={280} radius="md" />}>
                <SizeChart points={points} />
              </Suspense>
            ) : (
              <EmptyState title="No count in this span" />
            )
          }
        </QueryView>
      </Card>
      <Card>
        <Group justify="space-between" mb="sm">
          <Title order={2}>Rule</Title>
          <SegmentedControl
            aria-label="Form of the rule"
            size="xs"
            data={[
              { value: 'words', label: 'Words' },
              { value: 'json', label: 'JSON' },
            ]}
            value={form}
            onChange={setForm}
          />
        </Group>
        {form === 'json' ? (
          <JsonBlock value={segment.rule} label="The rule as JSON" />
        ) : (
          <RuleWords words={segment.words} rule={segment.rule} />
        )}
      </Card>
    </SimpleGrid>
  );
}
