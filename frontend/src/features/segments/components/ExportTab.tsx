import { Alert, Button, Card, Group, SegmentedControl, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { listUrl, waterfallQuery } from '@/api/segments';
import type { ListFormat, Purpose, Segment } from '@/api/types';
import { Copy } from '@/ui/bits';
import { plural } from '@/ui/format';
import { QueryView } from '@/ui/states';
import { terms } from '@/ui/terms';
import { WaterfallBars } from '@/ui/waterfall';

const formats: { value: ListFormat; label: string; note: string }[] = [
  { value: 'csv', label: 'CSV', note: 'One user per line, for spreadsheets and uploads.' },
  { value: 'ndjson', label: 'NDJSON', note: 'One JSON object per line, for programs.' },
  { value: 'parquet', label: 'Parquet', note: 'A compact table, for data warehouses.' },
  { value: 'roaring', label: 'Roaring', note: `${terms.roaring.text} It is a 64-bit portable bitmap; the user map says who each number is.` },
];

export function ExportTab({ segment }: { segment: Segment }) {
  const [purpose, setPurpose] = useState<Purpose>('ads');
  const [format, setFormat] = useState<ListFormat>('csv');
  const waterfall = useQuery(waterfallQuery(segment.id, purpose));
  const address = listUrl(segment.id, purpose, format);
  const deliverable = waterfall.data?.steps.find((step) => step.name === 'deliverable')?.count;
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} style={{ alignItems: 'start' }}>
      <Card>
        <Title order={2} mb="sm">
          Download the list
        </Title>
        <Stack gap="md">
          <div>
            <Text size="sm" fw={600} mb={4}>
              Purpose
            </Text>
            <SegmentedControl
              aria-label="Purpose"
              data={[
                { value: 'ads', label: 'Advertising' },
                { value: 'email', label: 'E-mail' },
              ]}
              value={purpose}
              onChange={(next) => setPurpose(next as Purpose)}
            />
            <Text size="xs" c="dimmed" mt={4}>
              Only users who consented to this purpose are in the file.
            </Text>
          </div>
          <div>
            <Text size="sm" fw={600} mb={4}>
              Format
            </Text>
            <SegmentedControl
              aria-label="Format"
              data={formats.map(({ value, label }) => ({ value, label }))}
              value={format}
              onChange={(next) => setFormat(next as ListFormat)}
            />
            <Text size="xs" c="dimmed" mt={4}>
              {formats.find((item) => item.value === format)?.note}
            </Text>
          </div>
          <Group>
            <Button component="a" href={address} download leftSection={<IconDownload size={16} />}>
              Download {deliverable === undefined ? '' : plural(deliverable, 'user')}
            </Button>
          </Group>
          <Alert color="gray" title="For machines">
            <Group gap="xs" wrap="nowrap">
              <code className="rc-mono" style={{ overflowWrap: 'anywhere' }}>
                GET {address}
              </code>
              <Copy text={`${window.location.origin}${address}`} label="Copy the address" />
            </Group>
          </Alert>
        </Stack>
      </Card>
      <Card>
        <Title order={2} mb="sm">
          From match to delivery
        </Title>
        <QueryView query={waterfall}>{({ steps }) => <WaterfallBars steps={steps} />}</QueryView>
      </Card>
    </SimpleGrid>
  );
}
