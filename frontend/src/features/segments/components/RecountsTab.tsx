import type { Segment } from '@/api/types';
import { RecountsTable } from '@/features/recounts/components/RecountsTable';

export function RecountsTab({ segment }: { segment: Segment }) {
  return <RecountsTable segmentId={segment.id} />;
}
