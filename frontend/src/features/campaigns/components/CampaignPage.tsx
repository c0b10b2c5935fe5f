import { Alert, Card, Stack, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { campaignQuery } from '@/api/campaigns';
import { useSession } from '@/api/session';
import type { Campaign } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { Field, JsonBlock, StateBadge } from '@/ui/bits';
import { instant } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { QueryView } from '@/ui/states';
import { CampaignActions } from './CampaignActions';
import { CampaignEditor } from './CampaignEditor';
import { CampaignReportTab } from './CampaignReportTab';
import { MailPreview } from './MailPreview';
import { RecipientsTab } from './RecipientsTab';

const route = getRouteApi('/shell/campaigns/$id');

/** To be written, to be looked at, or, for whoever may see nobody's traits, as it was written. */
function Message({ campaign, mayEdit }: { campaign: Campaign; mayEdit: boolean }) {
  if (mayEdit) {
    return campaign.state === 'draft' ? <CampaignEditor campaign={campaign} onSaved={() => {}} /> : <MailPreview draft={campaign} />;
  }
  return (
    <Card>
      <Stack>
        <Field label="From">
          {campaign.from_name} {campaign.from_address}
        </Field>
        <Field label="Subject">{campaign.subject}</Field>
        <Field label={`Message, as ${campaign.body_format.toUpperCase()}`}>
          <JsonBlock value={campaign.body} label="The message as it was written" />
        </Field>
      </Stack>
    </Card>
  );
}

function Content({ campaign }: { campaign: Campaign }) {
  const { user } = useSession();
  const draft = campaign.state === 'draft';
  const mayEdit = can(user.role, 'edit campaigns');
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
        actions={mayEdit && <CampaignActions campaign={campaign} />}
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
        <Tabs.List mb="md">
          <Tabs.Tab value="message">Message</Tabs.Tab>
          <Tabs.Tab value="report">{draft ? 'Who would get it' : 'Report'}</Tabs.Tab>
          <Tabs.Tab value="recipients">Recipients</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="message">
          <Message campaign={campaign} mayEdit={mayEdit} />
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
  const query = useQuery(campaignQuery(id));
  if (query.data) return <Content key={id} campaign={query.data} />;
  return (
    <>
      <PageHeader title="Campaign" crumb={{ label: 'Campaigns', to: '/campaigns' }} />
      <Card>
        <QueryView query={query}>{() => null}</QueryView>
      </Card>
    </>
  );
}
