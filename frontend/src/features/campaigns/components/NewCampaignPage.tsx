import { useNavigate } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { can } from '@/features/session/model/permissions';
import { PageHeader } from '@/ui/page';
import { Forbidden } from '@/ui/states';
import { CampaignEditor } from './CampaignEditor';

export default function NewCampaignPage() {
  const { user } = useSession();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader title="New campaign" crumb={{ label: 'Campaigns', to: '/campaigns' }} />
      {can(user.role, 'edit campaigns') ? (
        <CampaignEditor
          campaign={null}
          onSaved={(campaign) => void navigate({ to: '/campaigns/$id', params: { id: campaign.id } })}
        />
      ) : (
        <Forbidden />
      )}
    </>
  );
}
