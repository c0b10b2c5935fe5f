import { Button, Group, PasswordInput, Select, Stack, Switch, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { changeAccount, createAccount } from '@/api/admin';
import type { Account, Role } from '@/api/types';
import { told, useAction } from '@/ui/actions';

const roles: { value: Role; label: string }[] = [
  { value: 'admin', label: 'Admin: everything' },
  { value: 'marketer', label: 'Marketer: segments, lists, campaigns' },
  { value: 'auditor', label: 'Auditor: reads and recounts, sees pseudonyms' },
];

export function AccountForm({ account, onDone }: { account: Account | null; onDone: () => void }) {
  const [email, setEmail] = useState(account?.email ?? '');
  const [name, setName] = useState(account?.name ?? '');
  const [role, setRole] = useState<Role>(account?.role ?? 'marketer');
  const [password, setPassword] = useState('');
  const [disabled, setDisabled] = useState(account?.disabled ?? false);
  const save = useAction(
    () =>
      account
        ? changeAccount(account.id, { name, role, disabled, ...(password ? { password } : {}) })
        : createAccount({ email, name, role, password }),
    () => {
      told('Account saved');
      onDone();
    },
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="E-mail"
          type="email"
          required
          disabled={account !== null}
          value={email}
          onChange={(event) => setEmail(event.currentTarget.value)}
        />
        <Select label="Role" data={roles} value={role} onChange={(next) => next && setRole(next as Role)} allowDeselect={false} />
        <PasswordInput
          label={account ? 'New password' : 'Password'}
          description={account ? 'Leave it empty to keep the present one.' : 'At least 10 characters.'}
          required={!account}
          autoComplete="new-password"
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        />
        {account && (
          <Switch label="May sign in" checked={!disabled} onChange={(event) => setDisabled(!event.currentTarget.checked)} />
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
