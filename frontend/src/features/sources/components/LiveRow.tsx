import { Text } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { memo } from 'react';
import type { LiveRecord } from '@/api/types';
import { JsonBlock, StateBadge } from '@/ui/bits';
import { clock, number } from '@/ui/format';

export const LiveRow = memo(function LiveRow({
  record,
  open,
  onToggle,
}: {
  record: LiveRecord;
  open: boolean;
  onToggle: () => void;
}) {
  return (
    <div className="rc-live-item">
      <button type="button" className="rc-live-row" onClick={onToggle} aria-expanded={open}>
        <IconChevronRight size={15} aria-hidden style={{ transform: open ? 'rotate(90deg)' : undefined }} />
        <span className="rc-mono rc-live-time">{clock(record.received_at)}</span>
        <StateBadge state={record.outcome} />
        <Text span size="sm" fw={600} truncate>
          {record.name ?? record.type ?? '(no name)'}
        </Text>
        <Text span size="xs" c="dimmed" truncate className="rc-live-type">
          {record.type}
        </Text>
        <span className="rc-mono rc-live-user">{record.user_id ?? 'anonymous'}</span>
      </button>
      {record.reason && (
        <Text size="xs" className="rc-down" pl={40} pb={6}>
          {record.reason}
        </Text>
      )}
      {open && (
        <div style={{ padding: '0 16px 12px 40px' }}>
          <Text size="xs" c="dimmed" mb={4}>
            Entry {number(record.seq)}, message <span className="rc-mono">{record.message_id ?? '–'}</span>
            {record.raw_cut && '. The message is large; only its beginning is kept here.'}
          </Text>
          <JsonBlock value={record.raw} label="The record as received" />
        </div>
      )}
    </div>
  );
});
