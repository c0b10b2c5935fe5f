import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { segmentQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import { can } from '@/features/session/model/permissions';
import { PageHeader } from '@/ui/page';
import { Forbidden, LoadingRows, QueryView } from '@/ui/states';
import { SegmentEditor } from './SegmentEditor';

const route = getRouteApi('/shell/segments/$id/edit');

export default function EditSegmentPage() {
  const { id } = route.useParams();
  const { user } = useSession();
  const query = useQuery({ ...segmentQuery(id), refetchOnMount: 'always' });
  if (!can(user.role, 'edit segments')) {
    return (
      <>
        <PageHeader title="Edit segment" />
        <Forbidden />
      </>
    );
  }
  if (!query.data || !query.isFetchedAfterMount) {
    return (
      <>
        <PageHeader title="Edit segment" crumb={{ label: 'Segments', to: '/segments' }} />
        <QueryView query={query}>{() => <LoadingRows />}</QueryView>
      </>
    );
  }
  return <SegmentEditor key={id} segment={query.data} />;
}
