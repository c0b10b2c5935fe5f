import { Badge, Tooltip } from '@mantine/core';

export function BalanceBadge({ balanced }: { balanced: boolean }) {
  return (
    <Tooltip label="received = accepted + duplicate + quarantined">
      <Badge color={balanced ? 'brand' : 'red'}>{balanced ? 'Balanced' : 'Out of balance'}</Badge>
    </Tooltip>
  );
}
