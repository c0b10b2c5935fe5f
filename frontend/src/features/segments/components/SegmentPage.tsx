import { Alert, Badge, Card, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { segmentQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Segment } from '@/api/types';
import { ExplainTab } from '@/features/explain/components/ExplainTab';
import { can } from '@/features/session/model/permissions';
import { day, instant } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { QueryView } from '@/ui/states';
import { BuildsTab } from './BuildsTab';
import { ExportTab } from './ExportTab';
import { FreshnessBadge } from './FreshnessBadge';
import { MembersTab } from './MembersTab';
import { OverviewTab } from './OverviewTab';
import { RecountsTab } from './RecountsTab';
import { SegmentActions } from './SegmentActions';
import { SegmentNumbers } from './SegmentNumbers';
import { VersionsTab } from './VersionsTab';

const route = getRouteApi('/shell/segments/$id');

const tabs = [
  { value: 'overview', label: 'Size and rule', view: OverviewTab },
  { value: 'members', label: 'Members', view: MembersTab },
  { value: 'explain', label: 'Why in or out?', view: ExplainTab, needs: 'explain users' as const },
  { value: 'builds', label: 'Counts', view: BuildsTab },
  { value: 'versions', label: 'Versions', view: VersionsTab },
  { value: 'export', label: 'Export', view: ExportTab, needs: 'export lists' as const },
  { value: 'recounts', label: 'Recounts', view: RecountsTab },
];

function Content({ segment }: { segment: Segment }) {
  const { tab = 'overview' } = route.useSearch();
  const navigate = useNavigate();
  const { user } = useSession();
  const allowed = tabs.filter((item) => !item.needs || can(user.role, item.needs));
  const current = allowed.find((item) => item.value === tab) ?? allowed[0];
  if (!current) return null;
  const View = current.view;
  const open = (value: string | null) =>
    value &&
    void navigate({
      to: '/segments/$id',
      params: { id: segment.id },
      search: value === 'overview' ? {} : { tab: value },
      replace: true,
    });

  return (
    <>
      <PageHeader
        title={segment.name}
        crumb={{ label: 'Segments', to: '/segments' }}
        badge={
          <>
            <FreshnessBadge freshness={segment.freshness} />
            <Badge color="gray">version {segment.version}</Badge>
          </>
        }
        lead={
          <>
            {segment.description && <div>{segment.description}</div>}
            {segment.owner ? `Owned by ${segment.owner.name}, made` : 'Made'} {day(segment.created_at)}
          </>
        }
        actions={<SegmentActions segment={segment} />}
      />
      {segment.freshness.state === 'failing' && (
        <Alert color="red" mb="md" title="This segment cannot be counted at the moment" role="alert">
          <div>{segment.freshness.error ?? 'The last evaluation failed.'}</div>
          <div>
            It is tried again by itself.
            {segment.latest ? ` The numbers below are of ${instant(segment.latest.instant)}.` : ''}
          </div>
        </Alert>
      )}
      {segment.trashed_at && (
        <Alert color="yellow" mb="md" title="This segment is in the trash">
          Put there on {instant(segment.trashed_at)}.
        </Alert>
      )}
      <SegmentNumbers segment={segment} />
      <Tabs value={current.value} onChange={open} keepMounted={false}>
        <Tabs.List mb="md">
          {allowed.map((item) => (
            <Tabs.Tab key={item.value} value={item.value}>
              {item.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current.value}>
          <View segment={segment} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

export default function SegmentPage() {
  const { id } = route.useParams();
  const query = useQuery(segmentQuery(id));
  if (query.data) return <Content key={id} segment={query.data} />;
  return (
    <>
      <PageHeader title="Segment" crumb={{ label: 'Segments', to: '/segments' }} />
      <Card>
        <QueryView query={query}>{() => null}</QueryView>
      </Card>
    </>
  );
}
