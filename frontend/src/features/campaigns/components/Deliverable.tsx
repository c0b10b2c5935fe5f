import { useQuery } from '@tanstack/react-query';
import { campaignWaterfallQuery } from '@/api/campaigns';
import type { Campaign } from '@/api/types';
import { QueryView } from '@/ui/states';
import { WaterfallBars } from '@/ui/waterfall';

export function Deliverable({ campaign }: { campaign: Campaign }) {
  const query = useQuery(campaignWaterfallQuery(campaign.id));
  return <QueryView query={query}>{({ steps }) => <WaterfallBars steps={steps} />}</QueryView>;
}
