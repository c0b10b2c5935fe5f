import { Avatar, Menu, Modal, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBook, IconBook2, IconHelp, IconKey, IconLogout } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { signOut, useSession } from '@/api/session';
import { PasswordForm } from '@/features/session/components/PasswordForm';
import { StateBadge } from '@/ui/bits';
import { useAction } from '@/ui/actions';

export function AccountMenu() {
  const { user } = useSession();
  const navigate = useNavigate();
  const leave = useAction(
    () => signOut(),
    () => void navigate({ to: '/sign-in', search: {} }),
  );
  const [changing, password] = useDisclosure(false);
  return (
    <>
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
          <Menu.Item leftSection={<IconKey size={16} />} onClick={password.open}>
            Change password
          </Menu.Item>
          <Menu.Item component={Link} to="/words" leftSection={<IconHelp size={16} />}>
            What the words mean
          </Menu.Item>
          <Menu.Item component={Link} to="/help/rules" leftSection={<IconBook2 size={16} />}>
            Rule reference
          </Menu.Item>
          <Menu.Item component="a" href="/docs" leftSection={<IconBook size={16} />}>
            API documentation
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => leave.mutate(undefined)}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={changing} onClose={password.close} title="Change password">
        <PasswordForm onDone={password.close} />
      </Modal>
    </>
  );
}
