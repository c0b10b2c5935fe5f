import { Alert, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { unknownIdsAddress } from '@/api/lists';
import type { UserList } from '@/api/types';
import { number, plural } from '@/ui/format';

/** The unknown ids of a list: a few of them, and all to download. */
export function UnknownIds({ list }: { list: UserList }) {
  if (list.unknown === 0) return null;
  const more = list.unknown - list.unknown_sample.length;
  return (
    <Stack gap={2} align="flex-start">
      {list.unknown_sample.length > 0 && (
        <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
          <span className="rc-mono">{list.unknown_sample.join(', ')}</span>
          {more > 0 ? ` and ${number(more)} more` : ''}
        </Text>
      )}
      <Anchor size="xs" href={unknownIdsAddress(list.id)} download aria-label={`Download the unknown ids of ${list.name}`}>
        <IconDownload size={13} aria-hidden /> Download
      </Anchor>
    </Stack>
  );
}

/** What became of an upload. */
export function Uploaded({ list, onDone }: { list: UserList; onDone: () => void }) {
  return (
    <Stack>
      <Alert color={list.unknown > 0 ? 'yellow' : 'brand'} title={`${list.name} has ${plural(list.count, 'id')}`} role="status">
        <Stack gap="xs">
          <Text size="sm">
            {number(list.known)} of them are known users. {number(list.unknown)} are unknown
            {list.unknown > 0 ? ': no event or profile has named them yet. They are members of nothing until one does.' : '.'}
          </Text>
          <UnknownIds list={list} />
        </Stack>
      </Alert>
      <Group justify="flex-end">
        <Button onClick={onDone}>Done</Button>
      </Group>
    </Stack>
  );
}
