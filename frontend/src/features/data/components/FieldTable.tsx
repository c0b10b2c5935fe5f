import { Badge, Button, Group, Select, Skeleton, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { declareTypes, type ValueSource, valuesQuery } from '@/api/rules';
import { useSession } from '@/api/session';
import type { SchemaField, ValueType } from '@/api/types';
import { typeNames } from '@/features/rules/components/PathPicker';
import { can } from '@/features/session/model/permissions';
import { told, useAction } from '@/ui/actions';
import { number, plural } from '@/ui/format';
import { type Column, DataTable } from '@/ui/table';

type Of = { kind: 'traits' } | { kind: 'properties'; event: string };

function Values({ source }: { source: ValueSource }) {
  const [open, setOpen] = useState(false);
  const query = useQuery({ ...valuesQuery(source, '', 8), enabled: open });
  if (!open) {
    return (
      <Button size="compact-xs" variant="subtle" onClick={() => setOpen(true)}>
        Show values
      </Button>
    );
  }
  if (query.error) return <Text size="xs" className="rc-down">Values cannot be shown.</Text>;
  if (!query.data) return <Skeleton height={18} width={180} />;
  return (
    <Group gap={6}>
      {query.data.items.map((item) => (
        <Badge key={String(item.value)} color="gray">
          {String(item.value)} · {number(item.users)}
        </Badge>
      ))}
      <Text size="xs" c="dimmed">
        {plural(query.data.distinct, 'different value')}
      </Text>
    </Group>
  );
}

export function FieldTable({ fields, of }: { fields: SchemaField[]; of: Of }) {
  const { user } = useSession();
  const declare = useAction(
    ({ path, type }: { path: string; type: ValueType }) => declareTypes({ [of.kind]: { [path]: type } }),
    () => told('Type declared'),
  );
  const mayEdit = can(user.role, 'edit schema');
  const columns: Column<SchemaField>[] = [
    { key: 'path', title: of.kind === 'traits' ? 'Trait' : 'Property', cell: (field) => <span className="rc-mono">{field.path}</span> },
    {
      key: 'type',
      title: 'Type',
      width: 190,
      cell: (field) =>
        mayEdit ? (
          <Select
            aria-label={`Type of ${field.path}`}
            size="xs"
            w={160}
            data={Object.entries(typeNames).map(([value, label]) => ({ value, label }))}
            value={field.type}
            onChange={(next) => next && next !== field.type && declare.mutate({ path: field.path, type: next as ValueType })}
            allowDeselect={false}
          />
        ) : (
          typeNames[field.type]
        ),
    },
    { key: 'declared', title: 'Known by', cell: (field) => (field.declared ? 'declaration' : 'observation') },
  ];
  if (can(user.role, 'see values')) {
    columns.push({
      key: 'values',
      title: 'Values',
      cell: (field) =>
        field.type === 'object' ? null : (
          <Values source={of.kind === 'traits' ? { trait: field.path } : { event: of.event, property: field.path }} />
        ),
    });
  }
  return <DataTable label="Fields" rows={fields} columns={columns} rowKey={(field) => field.path} />;
}
