import { Group, Text, Tooltip } from '@mantine/core';
import { useMemo } from 'react';
import { useServerEvents } from '@/api/events';
import { queryClient, refresh, refreshCounts, watermarkKey } from '@/api/query';
import { throttled } from './throttled';

const words = {
  open: 'Live: numbers on this page follow the data',
  connecting: 'Connecting to live updates',
  lost: 'Live updates lost; trying again',
  off: 'Live updates are off',
};

/** Listens once for the whole page and marks what changed as stale. */
export function LiveStatus() {
  const handlers = useMemo(() => {
    let seq = 0;
    const onWatermark = throttled(3_000, () => {
      queryClient.setQueryData(watermarkKey, seq);
      void refresh('overview', 'sources');
    });
    const onSegment = throttled(1_500, () => void refreshCounts());
    return {
      watermark: (data: unknown) => {
        seq = (data as { seq: number }).seq;
        onWatermark();
      },
      segment: onSegment,
      import: throttled(1_000, () => void refresh('imports')),
      recount: throttled(1_000, () => void refresh('recounts')),
      campaign: throttled(1_000, () => void refresh('campaigns')),
    };
  }, []);
  const state = useServerEvents('/live', handlers);
  return (
    <Tooltip label={words[state]}>
      <Group gap={6} wrap="nowrap" role="status" aria-label={words[state]} tabIndex={0}>
        <span className="rc-dot" data-state={state} />
        <Text size="xs" c="dimmed" visibleFrom="xs">
          {state === 'open' ? 'Live' : state === 'lost' ? 'Reconnecting' : 'Connecting'}
        </Text>
      </Group>
    </Tooltip>
  );
}
