import { AppShell, Box, Burger, Group, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Outlet, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useSession } from '@/api/session';
import { AccountMenu } from './AccountMenu';
import { LiveStatus } from './LiveStatus';
import { Logo } from './Logo';
import { Navigation } from './Navigation';
import { ThemeToggle } from './ThemeToggle';

export function Shell() {
  const session = useSession();
  const [opened, { toggle, close }] = useDisclosure(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => {
    close();
  }, [path, close]);

  return (
    <AppShell
      header={{ height: 54 }}
      navbar={{ width: 232, breakpoint: 'md', collapsed: { mobile: !opened } }}
      padding={{ base: 'md', sm: 'xl' }}
      layout="alt"
    >
      <a href="#content" className="rc-skip">
        Skip to content
      </a>
      <AppShell.Header px={{ base: 'md', sm: 'xl' }}>
        <Group h="100%" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" aria-label="Navigation" />
            <Text fw={600} truncate>
              {session.organisation.name}
            </Text>
            <LiveStatus />
          </Group>
          <Group gap="xs" wrap="nowrap">
            <ThemeToggle />
            <AccountMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="rc-nav" p="sm">
        <Group justify="space-between" px={8} pt={6} pb={4}>
          <Logo />
          <Burger opened={opened} onClick={toggle} hiddenFrom="md" size="sm" color="#fff" aria-label="Close navigation" />
        </Group>
        <Navigation role={session.user.role} />
      </AppShell.Navbar>
      <AppShell.Main id="content">
        <Box maw={1280} mx="auto">
          <Outlet />
        </Box>
      </AppShell.Main>
    </AppShell>
  );
}
