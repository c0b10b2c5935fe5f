import { Button, Card, Group, SegmentedControl, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { saveCampaign } from '@/api/campaigns';
import { segmentsQuery } from '@/api/segments';
import type { Campaign, CampaignDraft } from '@/api/types';
import { told, useAction } from '@/ui/actions';
import { number } from '@/ui/format';
import { sampleBody } from '../model/report';
import { MailPreview } from './MailPreview';

const blank: CampaignDraft = {
  name: '',
  segment_id: '',
  subject: '',
  body_format: 'mjml',
  body: sampleBody,
  from_name: '',
  from_address: '',
};

function draftOf(campaign: Campaign): CampaignDraft {
  const { name, segment_id, subject, body_format, body, from_name, from_address } = campaign;
  return { name, segment_id, subject, body_format, body, from_name, from_address };
}

export function CampaignEditor({
  campaign,
  onSaved,
}: {
  campaign: Campaign | null;
  onSaved: (campaign: Campaign) => void;
}) {
  const [draft, setDraft] = useState<CampaignDraft>(campaign ? draftOf(campaign) : blank);
  const segments = useQuery(segmentsQuery());
  const set = (fields: Partial<CampaignDraft>) => setDraft((before) => ({ ...before, ...fields }));
  const save = useAction(
    () => saveCampaign(campaign?.id ?? null, draft),
    (saved) => {
      told('Campaign saved');
      onSaved(saved);
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  const changed = !campaign || JSON.stringify(draftOf(campaign)) !== JSON.stringify(draft);
  const ready = draft.name && draft.segment_id && draft.subject && draft.body && draft.from_address;

  return (
    <form onSubmit={submit}>
      <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
        <Card>
          <Stack>
            <TextInput label="Name" required value={draft.name} onChange={(event) => set({ name: event.currentTarget.value })} />
            <Select
              label="Segment"
              required
              searchable
              data={(segments.data?.items ?? []).map((item) => ({
                value: item.id,
                label: item.latest ? `${item.name} (${number(item.latest.count)} users)` : item.name,
              }))}
              value={draft.segment_id || null}
              onChange={(next) => set({ segment_id: next ?? '' })}
            />
            <SimpleGrid cols={{ base: 1, xs: 2 }}>
              <TextInput label="From, name" value={draft.from_name} onChange={(event) => set({ from_name: event.currentTarget.value })} />
              <TextInput label="From, address" type="email" required value={draft.from_address} onChange={(event) => set({ from_address: event.currentTarget.value })} />
            </SimpleGrid>
            <TextInput label="Subject" required value={draft.subject} onChange={(event) => set({ subject: event.currentTarget.value })} />
            <Group justify="space-between">
              <Text size="sm" fw={600}>
                Message
              </Text>
              <SegmentedControl
                aria-label="Format of the message"
                size="xs"
                data={[
                  { value: 'mjml', label: 'MJML' },
                  { value: 'html', label: 'HTML' },
                ]}
                value={draft.body_format}
                onChange={(next) => set({ body_format: next as CampaignDraft['body_format'] })}
              />
            </Group>
            <Textarea
              aria-label="Message"
              autosize
              minRows={14}
              maxRows={28}
              classNames={{ input: 'rc-mono' }}
              value={draft.body}
              onChange={(event) => set({ body: event.currentTarget.value })}
            />
            <Group justify="flex-end">
              <Button type="submit" disabled={!ready || !changed} loading={save.isPending}>
                {campaign ? 'Save' : 'Save as draft'}
              </Button>
            </Group>
          </Stack>
        </Card>
        <MailPreview draft={draft} />
      </SimpleGrid>
    </form>
  );
}
