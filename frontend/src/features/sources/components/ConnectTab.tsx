import { Button, Card, Group, SimpleGrid, Stack, Switch, Text, TextInput, Title } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { changeSource, rotateKey } from '@/api/sources';
import type { Source } from '@/api/types';
import { Confirm, told, useAction } from '@/ui/actions';
import { Copy, JsonBlock } from '@/ui/bits';

function example(key: string): string {
  return `curl ${window.location.origin}/v1/track \\
  -u "${key}:" \\
  -H 'Content-Type: application/json' \\
  -d '{"userId":"u-1","event":"video_view","properties":{"programme":"NCIS"},"messageId":"m-1"}'`;
}

function sdk(key: string): string {
  return `import { Analytics } from '@segment/analytics-node';

const analytics = new Analytics({
  writeKey: '${key}',
  host: '${window.location.origin}',
  path: '/v1/batch',
});
analytics.track({ userId: 'u-1', event: 'video_view' });`;
}

export function ConnectTab({ source }: { source: Source }) {
  const [name, setName] = useState(source.name);
  const [asking, ask] = useDisclosure(false);
  const change = useAction(
    (fields: { name?: string; disabled?: boolean }) => changeSource(source.id, fields),
    () => told('Saved'),
  );
  const rotate = useAction(
    () => rotateKey(source.id),
    () => told('The source has a new write key'),
  );
  const key = source.write_key ?? 'WRITE_KEY';
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
      <Card>
        <Title order={2} mb="sm">
          Settings
        </Title>
        <Stack>
          <Group align="flex-end">
            <TextInput label="Name" value={name} onChange={(event) => setName(event.currentTarget.value)} style={{ flex: 1 }} />
            <Button variant="default" disabled={!name.trim() || name === source.name} onClick={() => change.mutate({ name: name.trim() })}>
              Rename
            </Button>
          </Group>
          <Switch
            label="Takes events in"
            checked={!source.disabled}
            onChange={(event) => change.mutate({ disabled: !event.currentTarget.checked })}
          />
          <div>
            <Text size="sm" fw={600}>
              Write key
            </Text>
            <Group gap="xs">
              <code className="rc-mono">{key}</code>
              <Copy text={key} label="Copy the write key" />
            </Group>
          </div>
          <Group>
            <Button variant="outline" color="red" leftSection={<IconKey size={16} />} onClick={ask.open}>
              Replace the key
            </Button>
          </Group>
        </Stack>
      </Card>
      <Card>
        <Title order={2} mb="sm">
          Send events
        </Title>
        <Text size="sm" c="dimmed" mb="sm">
          Any SDK that speaks the Segment tracking protocol works: give it this host and the write key.
        </Text>
        <Stack gap="sm">
          <JsonBlock value={example(key)} label="Example with curl" />
          <JsonBlock value={sdk(key)} label="Example with a Node SDK" />
        </Stack>
      </Card>
      <Confirm
        opened={asking}
        onClose={ask.close}
        title="Replace the write key?"
        verb="Replace"
        busy={rotate.isPending}
        onConfirm={() => rotate.mutate(undefined, { onSettled: ask.close })}
      >
        Senders with the old key are refused from then on.
      </Confirm>
    </SimpleGrid>
  );
}
