import { Anchor, Box, Group, Stack, Text, Title } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

interface Crumb {
  label: string;
  to: string;
}

/** Title of the document, the one h1, and what can be done here. */
export function PageHeader({
  title,
  lead,
  crumb,
  badge,
  actions,
}: {
  title: string;
  lead?: ReactNode;
  crumb?: Crumb;
  badge?: ReactNode;
  actions?: ReactNode;
}) {
  return (
    <Box component="header" mb="lg">
      <title>{`${title} · Rollcall`}</title>
      {crumb && (
        <Box component="nav" aria-label="Breadcrumb" mb={4}>
          <Anchor component={Link} to={crumb.to} size="sm" c="dimmed" className="rc-back">
            <IconChevronLeft size={14} aria-hidden /> {crumb.label}
          </Anchor>
        </Box>
      )}
      <Group justify="space-between" align="flex-start" gap="md">
        <Stack gap={4} style={{ flex: '1 1 320px', minWidth: 0 }}>
          <Group gap="sm">
            <Title order={1} style={{ overflowWrap: 'anywhere' }}>
              {title}
            </Title>
            {badge}
          </Group>
          {lead && (
            <Text c="dimmed" size="sm" component="div" maw={760}>
              {lead}
            </Text>
          )}
        </Stack>
        {actions && (
          <Group gap="xs" maw={560} className="rc-actions">
            {actions}
          </Group>
        )}
      </Group>
    </Box>
  );
}

export function StatCard({
  label,
  value,
  note,
}: {
  label: ReactNode;
  value: ReactNode;
  note?: ReactNode;
}) {
  return (
    <Box className="rc-stat">
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <div className="rc-stat-value rc-number">{value}</div>
      {note && (
        <Text size="xs" c="dimmed" component="div">
          {note}
        </Text>
      )}
    </Box>
  );
}
