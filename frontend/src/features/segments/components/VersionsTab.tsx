import { Badge, Button, Card, Collapse, Group, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { saveSegment, versionsQuery } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Segment, SegmentVersion } from '@/api/types';
import { RuleWords } from '@/features/rules/components/RuleWords';
import { can } from '@/features/session/model/permissions';
import { told, useAction } from '@/ui/actions';
import { JsonBlock } from '@/ui/bits';
import { instant } from '@/ui/format';
import { QueryView } from '@/ui/states';

function VersionCard({ version, segment }: { version: SegmentVersion; segment: Segment }) {
  const current = version.version === segment.version;
  const [open, setOpen] = useState(current);
  const { user } = useSession();
  const restore = useAction(
    () =>
      saveSegment(segment.id, {
        name: version.name,
        description: version.description ?? '',
        rule: version.rule,
        if_version: segment.version,
      }),
    (saved) => told(`Version ${version.version} is back as version ${saved.version}`),
  );
  return (
    <Card padding="md">
      <Group justify="space-between">
        <div>
          <Group gap="xs">
            <Text fw={650}>Version {version.version}</Text>
            {current && <Badge>current</Badge>}
          </Group>
          <Text size="xs" c="dimmed">
            {version.author ? `${version.author.name}, ` : ''}
            {instant(version.created_at)}
            {version.name === segment.name ? '' : `, named “${version.name}”`}
          </Text>
        </div>
        <Group gap="xs">
          {!current && can(user.role, 'edit segments') && (
            <Button size="xs" variant="default" onClick={() => restore.mutate(undefined)} loading={restore.isPending}>
              Use again
            </Button>
          )}
          <Button size="xs" variant="subtle" onClick={() => setOpen(!open)} aria-expanded={open}>
            {open ? 'Hide rule' : 'Show rule'}
          </Button>
        </Group>
      </Group>
      <Collapse expanded={open}>
        <Stack gap="sm" mt="sm">
          <RuleWords words={version.words} rule={version.rule} />
          <details>
            <summary style={{ cursor: 'pointer', fontSize: 13 }}>JSON</summary>
            <JsonBlock value={version.rule} label={`Rule of version ${version.version}`} />
          </details>
        </Stack>
      </Collapse>
    </Card>
  );
}

export function VersionsTab({ segment }: { segment: Segment }) {
  const query = useQuery(versionsQuery(segment.id));
  return (
    <QueryView query={query}>
      {({ items }) => (
        <Stack gap="sm">
          {items.map((version) => (
            <VersionCard key={version.version} version={version} segment={segment} />
          ))}
        </Stack>
      )}
    </QueryView>
  );
}
