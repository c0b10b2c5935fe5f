import { Button, Card } from '@mantine/core';
import { IconMail, IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { campaignsQuery } from '@/api/campaigns';
import { segmentsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Campaign } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { StateBadge, When } from '@/ui/bits';
import { number } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { type Column, DataTable } from '@/ui/table';

export default function CampaignsPage() {
  const { user } = useSession();
  const query = useQuery(campaignsQuery);
  const segments = useQuery(segmentsQuery());
  const create = can(user.role, 'edit campaigns') && (
    <Button component={Link} to="/campaigns/new" leftSection={<IconPlus size={16} />}>
      New campaign
    </Button>
  );
  const columns: Column<Campaign>[] = [
    {
      key: 'name',
      title: 'Campaign',
      cell: (campaign) => (
        <Link to="/campaigns/$id" params={{ id: campaign.id }} className="rc-rowlink">
          {campaign.name}
        </Link>
      ),
    },
    { key: 'state', title: 'State', cell: (campaign) => <StateBadge state={campaign.state} /> },
    {
      key: 'segment',
      title: 'Segment',
      cell: (campaign) => segments.data?.items.find((item) => item.id === campaign.segment_id)?.name ?? campaign.segment_id,
    },
    { key: 'matched', title: 'Matched', end: true, cell: (campaign) => number(campaign.report?.matched) },
    { key: 'sent', title: 'Sent', end: true, cell: (campaign) => number(campaign.report?.sent) },
    { key: 'failed', title: 'Failed', end: true, cell: (campaign) => number(campaign.report?.failed) },
    { key: 'left', title: 'Unsubscribed', end: true, cell: (campaign) => number(campaign.report?.unsubscribed) },
    { key: 'created', title: 'Made', cell: (campaign) => <When at={campaign.created_at} /> },
  ];
  return (
    <>
      <PageHeader title="Campaigns" lead="E-mail to a segment. Nobody without consent, nobody twice." actions={create} />
      <Card p={0}>
        <QueryView query={query}>
          {({ items }) =>
            items.length > 0 ? (
              <DataTable label="Campaigns" rows={items} columns={columns} rowKey={(campaign) => campaign.id} minWidth={820} />
            ) : (
              <EmptyState icon={<IconMail size={40} />} title="No campaign yet" action={create}>
                Write a message, try it on yourself, then send it to a segment.
              </EmptyState>
            )
          }
        </QueryView>
      </Card>
    </>
  );
}
