import { Button, FileInput, Group, Progress, Select, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type ImportOptions, startImport } from '@/api/imports';
import { sourcesQuery } from '@/api/sources';
import { told, useAction } from '@/ui/actions';
import { percent } from '@/ui/format';
import { guess } from '../model/files';

const sample = `type = "track"
event = "purchase"
user_id = "ID"
time = { column = "Date", format = "%Y%m%d", zone = "Europe/Paris" }

[properties]
amount = { column = "Amount", type = "number" }`;

const start: ImportOptions = { sourceId: '', name: '', format: 'csv', compression: 'plain', mapping: '' };

export function ImportForm({ onDone }: { onDone: () => void }) {
  const sources = useQuery(sourcesQuery);
  const [file, setFile] = useState<File | null>(null);
  const [options, setOptions] = useState(start);
  const [share, setShare] = useState(0);
  const set = (fields: Partial<ImportOptions>) => setOptions((before) => ({ ...before, ...fields }));
  const send = useAction(
    (chosen: File) => startImport(chosen, options, setShare),
    () => {
      told('The file is in; its rows are being read');
      onDone();
    },
  );
  const choose = (chosen: File | null) => {
    setFile(chosen);
    if (chosen) set({ name: chosen.name, ...guess(chosen.name) });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (file) send.mutate(file);
  };

  return (
    <form onSubmit={submit}>
      <Stack>
        <FileInput
          label="File"
          placeholder="Choose a file"
          leftSection={<IconFile size={16} />}
          accept=".csv,.ndjson,.jsonl,.json,.parquet,.gz,.zst,.txt"
          value={file}
          onChange={choose}
          required
        />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <Select
            label="Source"
            required
            data={(sources.data?.items ?? []).map((source) => ({ value: source.id, label: source.name }))}
            value={options.sourceId || null}
            onChange={(next) => set({ sourceId: next ?? '' })}
          />
          <TextInput label="Name" required value={options.name} onChange={(event) => set({ name: event.currentTarget.value })} />
          <Select
            label="Format"
            data={[
              { value: 'csv', label: 'CSV' },
              { value: 'ndjson', label: 'NDJSON' },
              { value: 'parquet', label: 'Parquet' },
            ]}
            value={options.format}
            onChange={(next) => next && set({ format: next as ImportOptions['format'] })}
            allowDeselect={false}
          />
          <Select
            label="Compression"
            data={[
              { value: 'plain', label: 'none' },
              { value: 'gz', label: 'gzip' },
              { value: 'zst', label: 'zstd' },
            ]}
            value={options.compression}
            onChange={(next) => next && set({ compression: next as ImportOptions['compression'] })}
            allowDeselect={false}
          />
        </SimpleGrid>
        <Textarea
          label="Mapping (TOML)"
          description="Which column is what. Leave it empty when the file already has the tracking format."
          placeholder={sample}
          autosize
          minRows={4}
          maxRows={16}
          classNames={{ input: 'rc-mono' }}
          value={options.mapping}
          onChange={(event) => set({ mapping: event.currentTarget.value })}
        />
        {send.isPending && (
          <div>
            <Progress value={share * 100} aria-label="Sent" animated />
            <Text size="xs" c="dimmed" mt={4}>
              {percent(share, 1)} sent
            </Text>
          </div>
        )}
        <Group justify="flex-end">
          <Button type="submit" disabled={!file || !options.sourceId || !options.name} loading={send.isPending}>
            Import
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
