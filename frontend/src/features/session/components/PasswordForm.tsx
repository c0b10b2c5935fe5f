import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Problem } from '@/api/client';
import { changePassword } from '@/api/session';
import { told } from '@/ui/actions';
import { ErrorState } from '@/ui/states';

const shortest = 10;
const eye = { 'aria-label': 'Show the password' };

export function PasswordForm({ onDone }: { onDone: () => void }) {
  const [current, setCurrent] = useState('');
  const [wanted, setWanted] = useState('');
  const [again, setAgain] = useState('');
  const change = useMutation({
    mutationFn: () => changePassword(current, wanted),
    onSuccess: () => {
      told('Your password is changed');
      onDone();
    },
  });
  const faults = change.error instanceof Problem ? change.error.errors : [];
  const fault = (pointer: string) => faults.find((item) => item.pointer === pointer)?.detail;
  const differs = again !== '' && again !== wanted;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        {change.error && faults.length === 0 && <ErrorState error={change.error} />}
        <PasswordInput
          label="Current password"
          autoComplete="current-password"
          required
          data-autofocus
          value={current}
          onChange={(event) => setCurrent(event.currentTarget.value)}
          error={fault('/current_password')}
          visibilityToggleButtonProps={eye}
        />
        <PasswordInput
          label="New password"
          description={`At least ${shortest} characters.`}
          autoComplete="new-password"
          required
          minLength={shortest}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
          error={fault('/new_password')}
          visibilityToggleButtonProps={eye}
        />
        <PasswordInput
          label="New password again"
          autoComplete="new-password"
          required
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          error={differs && 'This is not the same as above.'}
          visibilityToggleButtonProps={eye}
        />
        <Text size="xs" c="dimmed">
          You stay signed in here, and are signed out everywhere else.
        </Text>
        <Group justify="flex-end">
          <Button type="submit" loading={change.isPending} disabled={!current || wanted.length < shortest || wanted !== again}>
            Change password
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
