import { ActionIcon, Badge, Box, CopyButton, Group, Text, Tooltip } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Json } from '@/api/types';
import { instant, percent, relative, shortDigest, signed } from './format';

/** A time in words; the exact instant, with its zone, on hover and for screen readers. */
export function When({ at }: { at: string | null | undefined }) {
  if (!at) return <Text span c="dimmed">never</Text>;
  return (
    <Tooltip label={instant(at)}>
      <time dateTime={at} tabIndex={-1}>
        {relative(at)}
      </time>
    </Tooltip>
  );
}

export function Change({ value }: { value: number | null | undefined }) {
  if (value === null || value === undefined) return <Text span c="dimmed">–</Text>;
  if (value === 0) return <Text span inherit c="dimmed">no change</Text>;
  return (
    <Text span inherit fw={600} className={value > 0 ? 'rc-up' : 'rc-down'}>
      {signed(value)}
    </Text>
  );
}

const tones: Record<string, string> = {
  fresh: 'brand', done: 'brand', accepted: 'brand', sent: 'brand', deliverable: 'brand',
  building: 'blue', running: 'blue', sending: 'blue', queued: 'blue',
  stale: 'yellow', paused: 'yellow', duplicate: 'yellow', unknown: 'yellow',
  failing: 'red', failed: 'red', quarantined: 'red',
  admin: 'violet', marketer: 'brand', auditor: 'blue',
};

export function StateBadge({ state, label }: { state: string; label?: string }) {
  return <Badge color={tones[state] ?? 'gray'}>{label ?? state.replaceAll('_', ' ')}</Badge>;
}

export function Bar({ part, of, color }: { part: number; of: number; color?: string }) {
  const width = of > 0 ? Math.max(part > 0 ? 0.6 : 0, Math.min(100, (part / of) * 100)) : 0;
  return (
    <div className="rc-bar" role="img" aria-label={percent(part, of)}>
      <span style={{ width: `${width}%`, ...(color ? { background: color } : {}) }} />
    </div>
  );
}

export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" size="sm" onClick={copy} aria-label={label}>
            {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}

export function Digest({ value }: { value: string | null | undefined }) {
  if (!value) return <Text span c="dimmed">–</Text>;
  return (
    <Group gap={4} wrap="nowrap" display="inline-flex">
      <Tooltip label={value}>
        <span className="rc-mono">{shortDigest(value)}</span>
      </Tooltip>
      <Copy text={value} label="Copy the whole digest" />
    </Group>
  );
}

export function JsonBlock({ value, label }: { value: Json | undefined; label: string }) {
  return (
    <pre className="rc-code" tabIndex={0} aria-label={label} role="group">
      {typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
    </pre>
  );
}

export function Field({ label, children }: { label: ReactNode; children: ReactNode }) {
  return (
    <Box>
      <Text size="xs" c="dimmed" fw={600}>
        {label}
      </Text>
      <Text size="sm" component="div">
        {children}
      </Text>
    </Box>
  );
}
