import { Button, Group, Progress, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { type FormEvent, useMemo, useState } from 'react';
import { appendToList, createList, replaceList } from '@/api/lists';
import type { UserList } from '@/api/types';
import { useAction } from '@/ui/actions';
import { percent, plural } from '@/ui/format';
import { fileType, parseIds } from '../model/ids';
import { FileDrop } from './FileDrop';
import { Uploaded } from './Uploaded';

/** A new list, or new contents for one. */
export function ListForm({ list, onDone }: { list: UserList | null; onDone: () => void }) {
  const [name, setName] = useState(list?.name ?? '');
  const [from, setFrom] = useState('paste');
  const [text, setText] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [how, setHow] = useState('append');
  const ids = useMemo(() => parseIds(text), [text]);
  const [share, setShare] = useState(0);
  const send = useAction(
    () => {
      setShare(0);
      const chosen =
        from === 'file' && file
          ? { body: file, type: fileType(file.name) }
          : { body: new Blob([`${ids.join('\n')}\n`]), type: 'text/plain' };
      const upload = { ...chosen, onProgress: setShare };
      if (!list) return createList(name.trim(), upload);
      return how === 'append' ? appendToList(list.id, upload) : replaceList(list.id, name.trim(), upload);
    },
  );
  const ready = name.trim() !== '' && (from === 'file' ? file !== null : ids.length > 0);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send.mutate(undefined);
  };
  if (send.data) return <Uploaded list={send.data} onDone={onDone} />;
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
          <FileDrop file={file} onChange={setFile} />
        )}
        {send.isPending && (
          <div>
            <Progress value={share * 100} aria-label="Sent" animated />
            <Text size="xs" c="dimmed" mt={4} role="status">
              {share < 1 ? `${percent(share, 1)} sent` : 'Sent; the ids are being looked up'}
            </Text>
          </div>
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
