import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { problemText } from './states';

const closeButtonProps = { 'aria-label': 'Close the notice' };

export function told(message: string): void {
  notifications.show({ id: message, message, color: 'brand', closeButtonProps });
}

export function failed(error: unknown): void {
  const { title, detail } = problemText(error);
  // The same failure again while its notice stands is no second notice.
  notifications.show({ id: `${title} ${detail}`, title, message: detail, color: 'red', autoClose: 8000, role: 'alert', closeButtonProps });
}

/** A call to the server that tells how it went. */
export function useAction<Input, Output>(
  call: (input: Input) => Promise<Output>,
  done?: (output: Output, input: Input) => void,
) {
  return useMutation({ mutationFn: call, onError: failed, ...(done ? { onSuccess: done } : {}) });
}

export function Confirm({
  opened,
  title,
  children,
  verb,
  keep = 'Keep it',
  onClose,
  onConfirm,
  busy = false,
}: {
  opened: boolean;
  title: string;
  children: ReactNode;
  verb: string;
  keep?: string;
  onClose: () => void;
  onConfirm: () => void;
  busy?: boolean;
}) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="md">
      <Stack>
        <Text size="sm" component="div">
          {children}
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {keep}
          </Button>
          <Button color="red" onClick={onConfirm} loading={busy}>
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
