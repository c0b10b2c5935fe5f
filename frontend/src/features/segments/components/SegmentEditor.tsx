import { Alert, Button, Card, Group, TextInput } from '@mantine/core';
import { useBlocker, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import { saveSegment } from '@/api/segments';
import type { Segment, SegmentDraft } from '@/api/types';
import { Problem } from '@/api/client';
import { toJson, newDoc, fromJson } from '@/features/rules/model/tree';
import { RuleBuilder } from '@/features/rules/components/RuleBuilder';
import { usePreview } from '@/features/rules/components/usePreview';
import { useRuleEditor } from '@/features/rules/components/useRuleEditor';
import { Confirm, told, useAction } from '@/ui/actions';
import { PageHeader } from '@/ui/page';
import { obstacles } from '../model/obstacles';
import { mend, Obstacles } from './Obstacles';

/** Builds a new segment, or a new version of one. */
export function SegmentEditor({ segment: opened }: { segment: Segment | null }) {
  // The version that was opened: a newer one arriving meanwhile must end in a conflict, not be overwritten.
  const [segment] = useState(opened);
  const navigate = useNavigate();
  const [name, setName] = useState(segment?.name ?? '');
  const [description, setDescription] = useState(segment?.description ?? '');
  const saved = useRef(false);
  const editor = useRuleEditor(() => (segment ? fromJson(segment.rule) : newDoc()));
  const live = usePreview(editor.doc);

  const dirty = editor.changed || name !== (segment?.name ?? '') || description !== (segment?.description ?? '');
  const found = useMemo(() => obstacles(name, editor, live.compiled, live.faults), [name, editor, live]);
  const [obstacle] = found;

  const leaving = useBlocker({
    shouldBlockFn: () => dirty && !saved.current,
    enableBeforeUnload: () => dirty && !saved.current,
    withResolver: true,
  });

  const save = useAction(
    () => {
      const draft: SegmentDraft = { name: name.trim(), description: description.trim(), rule: toJson(editor.doc) };
      return saveSegment(segment?.id ?? null, segment ? { ...draft, if_version: segment.version } : draft);
    },
    (result) => {
      saved.current = true;
      told(segment ? `Saved version ${result.version}` : 'Segment saved');
      void navigate({ to: '/segments/$id', params: { id: result.id } });
    },
  );
  const conflict = save.error instanceof Problem && save.error.code === 'version_conflict';

  return (
    <>
      <PageHeader
        title={segment ? `Edit ${segment.name}` : 'New segment'}
        crumb={{ label: 'Segments', to: '/segments' }}
        lead="Every line shows how many users it holds, exactly, over all of history."
        actions={
          <>
            <Button
              variant="default"
              onClick={() =>
                void navigate(segment ? { to: '/segments/$id', params: { id: segment.id } } : { to: '/segments' })
              }
            >
              Cancel
            </Button>
            <Button
              onClick={() => (obstacle ? mend(obstacle, editor) : save.mutate(undefined))}
              disabled={!dirty && !obstacle}
              {...(obstacle ? { 'data-disabled': true, 'aria-disabled': true, 'aria-describedby': 'obstacles' } : {})}
              title={obstacle?.text ?? (dirty ? '' : 'Nothing has changed')}
              loading={save.isPending}
            >
              {segment ? 'Save as new version' : 'Save segment'}
            </Button>
          </>
        }
      />
      {conflict && (
        <Alert color="yellow" mb="md" title="Somebody saved this segment meanwhile">
          Open it again to see their version; what you built here stays until you leave the page.
        </Alert>
      )}
      <Card mb="md">
        <Group grow align="flex-start" preventGrowOverflow={false}>
          <TextInput
            label="Name"
            id="segment-name"
            required
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            placeholder="Women 25 to 49, weekly viewers"
            style={{ flex: '1 1 260px' }}
          />
          <TextInput
            label="Description"
            maxLength={2000}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
            placeholder="What it is for, and for whom"
            style={{ flex: '2 1 260px' }}
          />
        </Group>
      </Card>
      <RuleBuilder
        editor={editor}
        live={live}
        aside={found.length > 0 && <Obstacles id="obstacles" found={found} editor={editor} />}
        {...(segment ? { segmentId: segment.id } : {})}
      />
      <Confirm
        opened={leaving.status === 'blocked'}
        title="Leave without saving?"
        verb="Leave"
        keep="Stay here"
        onClose={() => leaving.reset?.()}
        onConfirm={() => leaving.proceed?.()}
      >
        What you changed in this segment is not saved.
      </Confirm>
    </>
  );
}
