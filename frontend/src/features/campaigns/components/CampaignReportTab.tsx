import { Card, Progress, SimpleGrid, Text, Title } from '@mantine/core';
import type { Campaign } from '@/api/types';
import { number, percent } from '@/ui/format';
import { StatCard } from '@/ui/page';
import { stepLabel } from '@/ui/waterfallSteps';
import { sentShare } from '../model/report';
import { Deliverable } from './Deliverable';

const outcomes = ['queued', 'sending', 'sent', 'failed', 'unknown', 'unsubscribed'] as const;

export function CampaignReportTab({ campaign }: { campaign: Campaign }) {
  const { report } = campaign;
  const begun = campaign.state !== 'draft' && report;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
      <Card>
        <Title order={2} mb="sm">
          From match to message
        </Title>
        <Deliverable campaign={campaign} />
      </Card>
      {begun && (
        <Card p={0}>
          <div style={{ padding: '18px 18px 6px' }}>
            <Title order={2} mb="sm">
              Messages
            </Title>
            <Progress value={sentShare(report) * 100} aria-label="Messages with an outcome" size="md" animated={campaign.state === 'sending'} />
            <Text size="xs" c="dimmed" mt={4}>
              {percent(sentShare(report), 1)} have an outcome
            </Text>
          </div>
          <SimpleGrid cols={{ base: 2, xs: 3 }} spacing={0}>
            {outcomes.map((key) => (
              <StatCard key={key} label={stepLabel(key)} value={number(report[key])} />
            ))}
          </SimpleGrid>
        </Card>
      )}
    </SimpleGrid>
  );
}
