import { Badge, Card, Tabs } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { sourcesQuery } from '@/api/sources';
import { useSession } from '@/api/session';
import type { Source } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { instant } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { EmptyState, QueryView } from '@/ui/states';
import { ConnectTab } from './ConnectTab';
import { LedgerTab } from './LedgerTab';
import { LiveTab } from './LiveTab';
import { QuarantineTab } from './QuarantineTab';

const route = getRouteApi('/shell/sources/$id');

const tabs = [
  { value: 'ledger', label: 'Ledger', view: LedgerTab },
  { value: 'live', label: 'Live events', view: LiveTab, needs: 'see live events' as const },
  { value: 'quarantine', label: 'Quarantine', view: QuarantineTab, needs: 'see quarantine' as const },
  { value: 'connect', label: 'Connect', view: ConnectTab, needs: 'edit sources' as const },
];

function Content({ source }: { source: Source }) {
  const { tab = 'ledger' } = route.useSearch();
  const navigate = useNavigate();
  const { user } = useSession();
  const allowed = tabs.filter((item) => !item.needs || can(user.role, item.needs));
  const current = allowed.find((item) => item.value === tab) ?? allowed[0];
  if (!current) return null;
  const View = current.view;
  return (
    <>
      <PageHeader
        title={source.name}
        crumb={{ label: 'Sources', to: '/sources' }}
        badge={source.disabled && <Badge color="gray">off</Badge>}
        lead={source.last_event_at ? `Last event ${instant(source.last_event_at)}` : 'No event yet'}
      />
      <Tabs
        value={current.value}
        keepMounted={false}
        onChange={(value) =>
          value && void navigate({ to: '/sources/$id', params: { id: source.id }, search: { tab: value }, replace: true })
        }
      >
        <Tabs.List mb="md">
          {allowed.map((item) => (
            <Tabs.Tab key={item.value} value={item.value}>
              {item.label}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={current.value}>
          <View source={source} />
        </Tabs.Panel>
      </Tabs>
    </>
  );
}

export default function SourcePage() {
  const { id } = route.useParams();
  const query = useQuery(sourcesQuery);
  const source = query.data?.items.find((item) => item.id === id);
  if (source) return <Content key={id} source={source} />;
  return (
    <>
      <PageHeader title="Source" crumb={{ label: 'Sources', to: '/sources' }} />
      <Card>
        <QueryView query={query}>{() => <EmptyState title="There is no such source" />}</QueryView>
      </Card>
    </>
  );
}
