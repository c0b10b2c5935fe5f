import { Tabs } from '@mantine/core';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useSession } from '@/api/session';
import { can } from '@/features/session/model/permissions';
import { PageHeader } from '@/ui/page';
import { Forbidden } from '@/ui/states';
import { AccountsTab } from './AccountsTab';
import { KeysTab } from './KeysTab';

const route = getRouteApi('/shell/access');

export default function AccessPage() {
  const { user } = useSession();
  const { tab = 'accounts' } = route.useSearch();
  const navigate = useNavigate();
  return (
    <>
      <PageHeader title="Accounts and keys" lead="Who may sign in, and which machines may call the API." />
      {can(user.role, 'manage access') ? (
        <Tabs
          value={tab === 'keys' ? 'keys' : 'accounts'}
          keepMounted={false}
          onChange={(next) => next && void navigate({ to: '/access', search: { tab: next }, replace: true })}
        >
          <Tabs.List mb="md">
            <Tabs.Tab value="accounts">Accounts</Tabs.Tab>
            <Tabs.Tab value="keys">API keys</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="accounts">
            <AccountsTab />
          </Tabs.Panel>
          <Tabs.Panel value="keys">
            <KeysTab />
          </Tabs.Panel>
        </Tabs>
      ) : (
        <Forbidden />
      )}
    </>
  );
}
