import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconFlask, IconPlayerPause, IconPlayerPlay, IconSend, IconTrash, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { overviewQuery } from '@/api/admin';
import { type CampaignStep, deleteCampaign, sendTest, steerCampaign } from '@/api/campaigns';
import { useSession } from '@/api/session';
import type { Campaign } from '@/api/types';
import { Confirm, told, useAction } from '@/ui/actions';
import { Deliverable } from './Deliverable';

function TestMail({ campaign, onDone }: { campaign: Campaign; onDone: () => void }) {
  const { user } = useSession();
  const [address, setAddress] = useState(user.email);
  const send = useAction(
    () => sendTest(campaign.id, address),
    () => {
      told(`Test sent to ${address}`);
      onDone();
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Send one test mail to" description="It is made for somebody of the segment and shows their traits; its link to unsubscribe does nothing." type="email" required value={address} onChange={(event) => setAddress(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button type="submit" loading={send.isPending}>
            Send the test
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

export function CampaignActions({ campaign }: { campaign: Campaign }) {
  const navigate = useNavigate();
  const [testing, test] = useDisclosure(false);
  const [sending, send] = useDisclosure(false);
  const [deleting, ask] = useDisclosure(false);
  const steer = useAction((step: CampaignStep) => steerCampaign(campaign.id, step));
  const remove = useAction(
    () => deleteCampaign(campaign.id),
    () => void navigate({ to: '/campaigns' }),
  );
  const { state } = campaign;
  const overview = useQuery(overviewQuery);
  const mailless = overview.data?.mail_ready === false;
  const off = mailless ? { disabled: true, 'aria-describedby': 'mailless' } : {};
  return (
    <>
      {state === 'draft' && (
        <>
          <Button variant="subtle" color="red" leftSection={<IconTrash size={16} />} onClick={ask.open}>
            Delete
          </Button>
          <Button variant="default" leftSection={<IconFlask size={16} />} onClick={test.open} {...off}>
            Test
          </Button>
          <Button leftSection={<IconSend size={16} />} onClick={send.open} {...off}>
            Send…
          </Button>
        </>
      )}
      {(state === 'paused' || state === 'failed') && (
        <Button leftSection={<IconPlayerPlay size={16} />} onClick={() => steer.mutate('resume')} loading={steer.isPending} {...off}>
          Resume
        </Button>
      )}
      {state === 'sending' && (
        <Button leftSection={<IconPlayerPause size={16} />} onClick={() => steer.mutate('pause')} loading={steer.isPending}>
          Pause
        </Button>
      )}
      {(state === 'sending' || state === 'paused' || state === 'failed') && (
        <Button variant="default" leftSection={<IconX size={16} />} onClick={() => steer.mutate('cancel')} loading={steer.isPending}>
          Cancel the rest
        </Button>
      )}
      {mailless && (state === 'draft' || state === 'paused' || state === 'failed') && (
        <Text id="mailless" size="xs" c="dimmed" w="100%" ta={{ base: 'start', sm: 'end' }}>
          This server has no mail server yet, so nothing can be sent. An administrator sets smtp.host.
        </Text>
      )}
      <Modal opened={testing} onClose={test.close} title="Test mail">
        <TestMail campaign={campaign} onDone={test.close} />
      </Modal>
      <Modal opened={sending} onClose={send.close} title={`Send ${campaign.name}?`}>
        <Stack>
          <Deliverable campaign={campaign} />
          <Text size="sm">Mail that has left cannot be called back. Consent is checked again for every message.</Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={send.close}>
              Not yet
            </Button>
            <Button
              leftSection={<IconSend size={16} />}
              loading={steer.isPending}
              onClick={() => steer.mutate('send', { onSuccess: () => told('Sending has begun'), onSettled: send.close })}
            >
              Send now
            </Button>
          </Group>
        </Stack>
      </Modal>
      <Confirm opened={deleting} onClose={ask.close} title={`Delete ${campaign.name}?`} verb="Delete" busy={remove.isPending} onConfirm={() => remove.mutate(undefined)}>
        The draft is gone for good.
      </Confirm>
    </>
  );
}
