import { Badge, Tooltip } from '@mantine/core';
import type { Freshness } from '@/api/types';
import { instant } from '@/ui/format';

const looks: Record<Freshness['state'], { color: string; label: string }> = {
  fresh: { color: 'brand', label: 'Fresh' },
  building: { color: 'blue', label: 'Counting' },
  stale: { color: 'yellow', label: 'Stale' },
  failing: { color: 'red', label: 'Failing' },
};

export function FreshnessBadge({ freshness }: { freshness: Freshness }) {
  const look = looks[freshness.state];
  const checked = freshness.checked_at ? `Checked ${instant(freshness.checked_at)}` : 'Not checked yet';
  return (
    <Tooltip label={freshness.error ? `${freshness.error}. ${checked}` : checked} multiline maw={320}>
      <Badge color={look.color} variant="dot">
        {look.label}
      </Badge>
    </Tooltip>
  );
}
