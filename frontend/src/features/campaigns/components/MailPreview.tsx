import { Alert, Card, Group, SegmentedControl, Skeleton, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { previewCampaign } from '@/api/campaigns';
import type { CampaignDraft } from '@/api/types';
import { JsonBlock } from '@/ui/bits';
import { ErrorState } from '@/ui/states';

/** The message as one member would get it, drawn in a frame that may run nothing. */
export function MailPreview({ draft }: { draft: Pick<CampaignDraft, 'subject' | 'body_format' | 'body' | 'segment_id'> }) {
  const [form, setForm] = useState('html');
  const [question] = useDebouncedValue(
    {
      subject: draft.subject,
      body_format: draft.body_format,
      body: draft.body,
      ...(draft.segment_id ? { segment_id: draft.segment_id } : {}),
    },
    400,
  );
  const query = useQuery({
    queryKey: ['campaign-preview', question],
    queryFn: ({ signal }) => previewCampaign(question, signal),
    placeholderData: keepPreviousData,
    enabled: question.body !== '',
  });
  const preview = query.data;
  return (
    <Card style={{ position: 'sticky', top: 72 }}>
      <Group justify="space-between" mb="sm">
        <Title order={2}>Preview</Title>
        <SegmentedControl
          aria-label="Form of the preview"
          size="xs"
          data={[
            { value: 'html', label: 'Mail' },
            { value: 'text', label: 'Text' },
          ]}
          value={form}
          onChange={setForm}
        />
      </Group>
      {query.error && <ErrorState error={query.error} />}
      {!preview && !query.error && <Skeleton height={360} radius="md" />}
      {preview && (
        <>
          {preview.errors.map((error) => (
            <Alert key={`${error.line ?? ''}${error.message}`} color="red" mb="xs" p="xs">
              {error.line ? `Line ${error.line}: ` : ''}
              {error.message}
            </Alert>
          ))}
          {preview.missing.length > 0 && (
            <Alert color="yellow" mb="xs" p="xs">
              Not set for this user: {preview.missing.join(', ')}
            </Alert>
          )}
          {preview.warnings.map((warning) => (
            <Alert key={warning} color="yellow" mb="xs" p="xs">
              {warning}
            </Alert>
          ))}
          <Text size="sm" mb="xs">
            <strong>{preview.subject || '(no subject)'}</strong>
            {preview.sample_user && (
              <Text span size="xs" c="dimmed">
                {' '}
                for <span className="rc-mono">{preview.sample_user}</span>
              </Text>
            )}
          </Text>
          {form === 'html' ? (
            <iframe title="The message" sandbox="" srcDoc={preview.html} className="rc-mail" />
          ) : (
            <JsonBlock value={preview.text} label="The message as text" />
          )}
        </>
      )}
    </Card>
  );
}
