import { Alert, Button, Checkbox, Group, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { createKey } from '@/api/admin';
import type { Scope } from '@/api/types';
import { useAction } from '@/ui/actions';
import { Copy } from '@/ui/bits';

const scopes: { value: Scope; label: string; note: string }[] = [
  { value: 'collect', label: 'collect', note: 'Send events and import files' },
  { value: 'pull', label: 'pull', note: 'Pull lists and look users up, for advertising' },
  { value: 'crm', label: 'crm', note: 'Pull e-mail lists and run campaigns' },
  { value: 'segments', label: 'segments', note: 'Check, preview, make, change and build segments, as rollcall segment does' },
];

export function KeyForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const create = useAction(() => createKey(name.trim(), chosen as Scope[]));
  if (create.data) {
    return (
      <Stack>
        <Alert color="brand" title="Copy the key now">
          It is shown this once.
        </Alert>
        <Group gap="xs" wrap="nowrap">
          <code className="rc-mono" style={{ overflowWrap: 'anywhere' }}>
            {create.data.key}
          </code>
          <Copy text={create.data.key} label="Copy the key" />
        </Group>
        <Group justify="flex-end">
          <Button onClick={onDone}>I have it</Button>
        </Group>
      </Stack>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" placeholder="Ad server" required value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Checkbox.Group label="What it may do" value={chosen} onChange={setChosen}>
          <Stack gap="xs" mt={6}>
            {scopes.map((scope) => (
              <Checkbox key={scope.value} value={scope.value} label={scope.label} description={scope.note} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group justify="flex-end">
          <Button type="submit" disabled={!name.trim() || chosen.length === 0} loading={create.isPending}>
            Make the key
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
