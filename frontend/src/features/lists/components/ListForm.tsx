import { Button, FileInput, Group, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { type FormEvent, useMemo, useState } from 'react';
import { appendToList, createList, replaceList } from '@/api/lists';
import type { UserList } from '@/api/types';
import { told, useAction } from '@/ui/actions';
import { number, plural } from '@/ui/format';
import { fileType, parseIds } from '../model/ids';

/** A new list, or new contents for one. */
export function ListForm({ list, onDone }: { list: UserList | null; onDone: () => void }) {
  const [name, setName] = useState(list?.name ?? '');
  const [from, setFrom] = useState('paste');
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [how, setHow] = useState('append');
  const ids = useMemo(() => parseIds(text), [text]);
  const send = useAction(
    () => {
      const upload =
        from === 'file' && file
          ? { body: file, type: fileType(file.name) }
          : { body: new Blob([`${ids.join('\n')}\n`]), type: 'text/plain' };
      if (!list) return createList(name.trim(), upload);
      return how === 'append' ? appendToList(list.id, upload) : replaceList(list.id, name.trim(), upload);
    },
    (saved) => {
      told(`${saved.name}: ${number(saved.known)} of ${plural(saved.count, 'id')} known`);
      onDone();
    },
  );
  const ready = name.trim() !== '' && (from === 'file' ? file !== null : ids.length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(undefined);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput label="Name" required value={name} disabled={list !== null && how === 'append'} onChange={(event) => setName(event.currentTarget.value)} />
        {list && (
          <SegmentedControl
            aria-label="What to do with the ids"
            data={[
              { value: 'append', label: 'Add to the list' },
              { value: 'replace', label: 'Replace the list' },
            ]}
            value={how}
            onChange={setHow}
          />
        )}
        <SegmentedControl
          aria-label="Where the ids come from"
          data={[
            { value: 'paste', label: 'Paste' },
            { value: 'file', label: 'Upload a file' },
          ]}
          value={from}
          onChange={setFrom}
        />
        {from === 'paste' ? (
          <Textarea
            label="User ids"
            description="One per line."
            minRows={8}
            maxRows={14}
            autosize
            classNames={{ input: 'rc-mono' }}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        ) : (
          <FileInput
            label="File"
            description="Text with one user id per line, or CSV with the user ids in the first column."
            placeholder="Choose a file"
            leftSection={<IconFile size={16} />}
            accept=".csv,.txt"
            value={file}
            onChange={setFile}
          />
        )}
        <Group justify="space-between">
          <Text size="sm" c="dimmed">
            {from === 'paste' ? plural(ids.length, 'different id') : ''}
          </Text>
          <Button type="submit" disabled={!ready} loading={send.isPending}>
            {list ? 'Save' : 'Create list'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
