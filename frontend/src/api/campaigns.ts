import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { request } from './client';
import { refresh } from './query';
import type {
  Campaign,
  CampaignDraft,
  CampaignPreview,
  Page,
  Recipient,
  Waterfall,
} from './types';

export const campaignsQuery = queryOptions({
  queryKey: ['campaigns'],
  queryFn: ({ signal }) => request<Page<Campaign>>('GET', '/campaigns', { signal }),
});

export const campaignQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', id],
    queryFn: ({ signal }) => request<Campaign>('GET', `/campaigns/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'sending' ? 2_000 : false),
  });

export const campaignWaterfallQuery = (id: string) =>
  queryOptions({
    queryKey: ['campaigns', id, 'waterfall'],
    queryFn: ({ signal }) => request<Waterfall>('GET', `/campaigns/${id}/waterfall`, { signal }),
  });

export const recipientsQuery = (id: string, state: string) =>
  infiniteQueryOptions({
    queryKey: ['campaigns', id, 'recipients', state],
    queryFn: ({ signal, pageParam }) =>
      request<Page<Recipient>>('GET', `/campaigns/${id}/recipients`, {
        query: { state, cursor: pageParam },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor || undefined,
  });

export async function saveCampaign(id: string | null, draft: CampaignDraft): Promise<Campaign> {
  const campaign = id
    ? await request<Campaign>('PUT', `/campaigns/${id}`, { body: draft })
    : await request<Campaign>('POST', '/campaigns', { body: draft });
  await refresh('campaigns');
  return campaign;
}

export async function deleteCampaign(id: string): Promise<void> {
  await request<void>('DELETE', `/campaigns/${id}`);
  await refresh('campaigns');
}

export const previewCampaign = (
  draft: { subject: string; body_format: string; body: string; segment_id?: string },
  signal?: AbortSignal,
) => request<CampaignPreview>('POST', '/campaigns/preview', { body: draft, signal });

export const sendTest = (id: string, address: string) =>
  request<void>('POST', `/campaigns/${id}/test`, { body: { address } });

export type CampaignStep = 'send' | 'pause' | 'cancel' | 'resume';

export async function steerCampaign(id: string, step: CampaignStep): Promise<void> {
  await request<void>('POST', `/campaigns/${id}/${step}`);
  await refresh('campaigns');
}
