import { Button, Group, Modal, Select, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconScale } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { startRecount } from '@/api/recounts';
import { buildsQuery, segmentsQuery } from '@/api/segments';
import { useAction } from '@/ui/actions';
import { instant, number } from '@/ui/format';
import { PageHeader } from '@/ui/page';
import { Term } from '@/ui/term';
import { RecountsTable } from './RecountsTable';

function StartRecount({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const segments = useQuery(segmentsQuery());
  const [segmentId, setSegmentId] = useState<string | null>(null);
  const [buildId, setBuildId] = useState<string | null>(null);
  const builds = useQuery({ ...buildsQuery(segmentId ?? '', 100), enabled: segmentId !== null });
  const start = useAction(
    () => startRecount(segmentId ?? '', buildId ?? undefined),
    (recount) => {
      onClose();
      void navigate({ to: '/recounts/$id', params: { id: recount.id } });
    },
  );
  return (
    <Stack>
      <Select
        label="Segment"
        searchable
        data={(segments.data?.items ?? []).map((item) => ({ value: item.id, label: item.name }))}
        value={segmentId}
        onChange={(next) => {
          setSegmentId(next);
          setBuildId(null);
        }}
      />
      <Select
        label="Count to check"
        placeholder="The latest"
        clearable
        disabled={!segmentId}
        data={(builds.data?.items ?? []).map((build) => ({
          value: build.id,
          label: `${instant(build.instant)}: ${number(build.count)} users`,
        }))}
        value={buildId}
        onChange={setBuildId}
      />
      <Text size="xs" c="dimmed">
        Both engines evaluate the same rule, instant and <Term name="watermark">watermark</Term>. The <Term name="digest">digests</Term> are equal only if the sets are.
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!segmentId} loading={start.isPending} onClick={() => start.mutate(undefined)}>
          Recount
        </Button>
      </Group>
    </Stack>
  );
}

export default function RecountsPage() {
  const [opened, modal] = useDisclosure(false);
  return (
    <>
      <PageHeader
        title="Recounts"
        lead="Any count, present or past, evaluated again from raw events by an independent path."
        actions={
          <Button leftSection={<IconScale size={16} />} onClick={modal.open}>
            New recount
          </Button>
        }
      />
      <RecountsTable />
      <Modal opened={opened} onClose={modal.close} title="New recount">
        <StartRecount onClose={modal.close} />
      </Modal>
    </>
  );
}
