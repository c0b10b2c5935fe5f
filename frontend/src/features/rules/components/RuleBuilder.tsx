import './builder.css';
import '@mantine/dates/styles.css';
import { ActionIcon, Group, SegmentedControl, Select, Tooltip } from '@mantine/core';
import { getHotkeyHandler, useHotkeys } from '@mantine/hooks';
import { IconArrowBackUp, IconArrowForwardUp, IconBook2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, type ReactNode, useMemo, useState } from 'react';
import { cataloguesQuery } from '@/api/catalogues';
import { listsQuery } from '@/api/lists';
import { schemaQuery } from '@/api/rules';
import { segmentsQuery } from '@/api/segments';
import type { Schema } from '@/api/types';
import { isPending } from '../model/draft';
import { setZone } from '../model/edit';
import { AddMenu } from './AddMenu';
import { type Builder, BuilderContext } from './context';
import { DraftNotice } from './DraftNotice';
import { NodeView } from './GroupBox';
import { JsonView } from './JsonView';
import { TotalPanel } from './TotalPanel';
import { TextView } from './TextView';
import type { LiveCounts } from './usePreview';
import type { RuleEditor, View } from './useRuleEditor';

const noSchema: Schema = { events: [], traits: [] };
const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

function Toolbar({ editor }: { editor: RuleEditor }) {
  const zone = editor.doc.tz;
  return (
    <Group justify="space-between" mb="sm" gap="xs">
      <SegmentedControl<View>
        aria-label="View of the rule"
        className="rb-views"
        size="xs"
        data={[
          { value: 'builder', label: 'Builder' },
          { value: 'text', label: 'Text' },
          { value: 'json', label: 'JSON' },
        ]}
        value={editor.view}
        onChange={editor.show}
      />
      <Group gap={6}>
        <Select
          aria-label="Time zone of the rule"
          size="xs"
          w={190}
          searchable
          data={zone && !zones.includes(zone) ? [zone, ...zones] : zones}
          limit={80}
          // What is typed says the zone as well, and would win.
          disabled={isPending(editor.draft)}
          value={zone ?? 'UTC'}
          onChange={(next) => editor.edit((doc) => setZone(doc, next === 'UTC' ? null : next))}
          allowDeselect={false}
        />
        <Tooltip label="Rule reference, in a new tab">
          <ActionIcon component="a" href="/help/rules" target="_blank" variant="default" size={30} aria-label="Rule reference, in a new tab">
            <IconBook2 size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Undo (Ctrl Z)">
          <ActionIcon variant="default" size={30} disabled={!editor.canUndo} onClick={editor.undo} aria-label="Undo">
            <IconArrowBackUp size={16} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Redo (Ctrl Shift Z)">
          <ActionIcon variant="default" size={30} disabled={!editor.canRedo} onClick={editor.redo} aria-label="Redo">
            <IconArrowForwardUp size={16} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}

/** The rule as a tree of sentences, each with its exact count. */
export function RuleBuilder({
  editor,
  live,
  segmentId,
  aside,
}: {
  editor: RuleEditor;
  live: LiveCounts;
  /** The segment being edited, which cannot refer to itself. */
  segmentId?: string;
  /** Stands beside the rule, below its size. */
  aside?: ReactNode;
}) {
  const schema = useQuery(schemaQuery);
  const segments = useQuery(segmentsQuery());
  const lists = useQuery(listsQuery);
  const catalogues = useQuery(cataloguesQuery);
  const [dragging, setDragging] = useState<string | null>(null);
  const keys: [string, () => void][] = [
    ['mod+Z', editor.undo],
    ['mod+shift+Z', editor.redo],
  ];
  useHotkeys(keys);
  // The line above leaves fields alone; inside the builder a field's edit is an edit of the rule.
  const inField = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.target instanceof HTMLInputElement) getHotkeyHandler(keys)(event);
  };

  const builder = useMemo<Builder>(
    () => ({
      editor,
      live,
      schema: schema.data ?? noSchema,
      segments: (segments.data?.items ?? [])
        .filter((item) => item.id !== segmentId)
        .map((item) => ({ id: item.id, name: item.name, count: item.latest?.count ?? null })),
      lists: (lists.data?.items ?? []).map((item) => ({ id: item.id, name: item.name, count: item.known })),
      links: (catalogues.data?.items ?? []).flatMap((item) => item.links).sort(),
      dragging,
      setDragging,
    }),
    [editor, live, schema.data, segments.data, lists.data, catalogues.data, segmentId, dragging],
  );
  const { view, draft, doc: { root } } = editor;
  const elsewhere = isPending(draft) && draft.form !== view ? draft : null;

  return (
    <BuilderContext.Provider value={builder}>
      <div className="rb" data-dragging={dragging ? true : undefined} onKeyDown={inField}>
        <div className="rb-main">
          <Toolbar editor={editor} />
          {elsewhere && <DraftNotice draft={elsewhere} />}
          {!elsewhere && view === 'json' && <JsonView />}
          {!elsewhere && view === 'text' && <TextView />}
          {!elsewhere && view === 'builder' && (
            <>
              <NodeView node={root} isRoot />
              {root.kind !== 'group' && <AddMenu groupId={root.id} />}
            </>
          )}
        </div>
        <div className="rb-side">
          <TotalPanel live={live} draft={draft} />
          {aside}
        </div>
      </div>
    </BuilderContext.Provider>
  );
}
