import { Alert, Card, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { campaignQuery } from '@/api/campaigns';
import { useSession } from '@/api/session';
import type { Campaign } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { StateBadge } from '@/ui/bits';
import { instant } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { Forbidden, QueryView } from '@/ui/states';
import { CampaignActions } from './CampaignActions';
import { CampaignEditor } from './CampaignEditor';
import { CampaignReportTab } from './CampaignReportTab';
import { MailPreview } from './MailPreview';
import { RecipientsTab } from './RecipientsTab';

const route = getRouteApi('/shell/campaigns/$id');

function Content({ campaign }: { campaign: Campaign }) {
  const draft = campaign.state === 'draft';
  const { tab = draft ? 'message' : 'report' } = route.useSearch();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader
        title={campaign.name}
        crumb={{ label: 'Campaigns', to: '/campaigns' }}
        badge={<StateBadge state={campaign.state} />}
        lead={
          campaign.started_at
            ? `Started ${instant(campaign.started_at)}${campaign.finished_at ? `, finished ${instant(campaign.finished_at)}` : ''}`
            : `Made ${instant(campaign.created_at)}`
        }
        actions={<CampaignActions campaign={campaign} />}
      />
      {campaign.error && (
        <Alert color="red" mb="md" title="Sending stopped" role="alert">
          {campaign.error}
        </Alert>
      )}
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) =>
          next && void navigate({ to: '/campaigns/$id', params: { id: campaign.id }, search: { tab: next }, replace: true })
        }
      >
        <Tabs.List mb="md" className="rc-tabs">
          <Tabs.Tab value="message">Message</Tabs.Tab>
          <Tabs.Tab value="report">{draft ? 'Who would get it' : 'Report'}</Tabs.Tab>
          <Tabs.Tab value="recipients">Recipients</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="message">
          {draft ? <CampaignEditor campaign={campaign} onSaved={() => {}} /> : <MailPreview draft={campaign} />}
        </Tabs.Panel>
        <Tabs.Panel value="report">
          <CampaignReportTab campaign={campaign} />
        </Tabs.Panel>
        <Tabs.Panel value="recipients">
          <RecipientsTab campaign={campaign} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

export default function CampaignPage() {
  const { id } = route.useParams();
  const { user } = useSession();
  const allowed = can(user.role, 'see campaigns');
  const query = useQuery({ ...campaignQuery(id), enabled: allowed });
  if (query.data) return <Content key={id} campaign={query.data} />;
  return (
    <>
      <PageHeader title="Campaign" crumb={{ label: 'Campaigns', to: '/campaigns' }} />
      {allowed ? (
        <Card>
          <QueryView query={query}>{() => null}</QueryView>
        </Card>
      ) : (
        <Forbidden />
      )}
    </>
  );
}
