import { useSession } from '@/api/session';
import { can } from '@/features/session/model/permissions';
import { PageHeader } from '@/ui/page';
import { Forbidden } from '@/ui/states';
import { SegmentEditor } from './SegmentEditor';

export default function NewSegmentPage() {
  const { user } = useSession();
  if (can(user.role, 'edit segments')) return <SegmentEditor segment={null} />;
  return (
    <>
      <PageHeader title="New segment" />
      <Forbidden />
    </>
  );
}
