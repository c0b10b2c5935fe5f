import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core';
import { IconBook, IconLogout } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { signOut, useSession } from '@/api/session';
import { StateBadge } from '@/ui/bits';
import { useAction } from '@/ui/actions';

export function AccountMenu() {
  const { user } = useSession();
  const navigate = useNavigate();
  const leave = useAction(
    () => signOut(),
    () => void navigate({ to: '/sign-in', search: {} }),
  );
  return (
    <Menu position="bottom-end" width={240} shadow="md">
      <Menu.Target>
        <UnstyledButton aria-label={`Account of ${user.name}`} style={{ borderRadius: 99 }}>
          <Avatar name={user.name} color="brand" variant="filled" size={34} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: '8px 12px' }}>
          <Text fw={600} size="sm">
            {user.name}
          </Text>
          <Text size="xs" c="dimmed" mb={6}>
            {user.email}
          </Text>
          <StateBadge state={user.role} />
        </div>
        <Menu.Divider />
        <Menu.Item component="a" href="/docs" leftSection={<IconBook size={16} />}>
          API documentation
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate(undefined)}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
