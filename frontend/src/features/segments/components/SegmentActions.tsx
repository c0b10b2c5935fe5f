import { ActionIcon, Button, Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconPencil, IconRefresh, IconRestore, IconScale, IconTrash } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { startRecount } from '@/api/recounts';
import { buildNow, restoreSegment, trashSegment } from '@/api/segments';
import { useSession } from '@/api/session';
import type { Segment } from '@/api/types';
import { can } from '@/features/session/model/permissions';
import { Confirm, told, useAction } from '@/ui/actions';
import { number } from '@/ui/format';

export function SegmentActions({ segment }: { segment: Segment }) {
  const { user } = useSession();
  const navigate = useNavigate();
  const [asking, ask] = useDisclosure(false);
  const mayEdit = can(user.role, 'edit segments');
  const count = useAction(
    () => buildNow(segment.id),
    (build) => told(`Counted: ${number(build.count)} of ${number(build.population)} users`),
  );
  const recount = useAction(
    () => startRecount(segment.id),
    (started) => void navigate({ to: '/recounts/$id', params: { id: started.id } }),
  );
  const trash = useAction(
    () => trashSegment(segment.id),
    () => {
      told('Moved to the trash');
      void navigate({ to: '/segments' });
    },
  );
  const restore = useAction(
    () => restoreSegment(segment.id),
    () => told('Restored'),
  );

  if (segment.trashed_at) {
    return mayEdit ? (
      <Button leftSection={<IconRestore size={16} />} onClick={() => restore.mutate(undefined)} loading={restore.isPending}>
        Restore
      </Button>
    ) : null;
  }
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconScale size={16} />}
        onClick={() => recount.mutate(undefined)}
        loading={recount.isPending}
        disabled={!segment.latest}
      >
        Recount
      </Button>
      {mayEdit && (
        <>
          <Button component={Link} to="/segments/$id/edit" params={{ id: segment.id } as never} leftSection={<IconPencil size={16} />}>
            Edit
          </Button>
          <Menu position="bottom-end" shadow="md">
            <Menu.Target>
              <ActionIcon variant="default" size={34} aria-label="More actions">
                <IconDots size={17} />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item leftSection={<IconRefresh size={16} />} onClick={() => count.mutate(undefined)}>
                Count now
              </Menu.Item>
              <Menu.Item color="red" leftSection={<IconTrash size={16} />} onClick={ask.open}>
                Move to trash
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </>
      )}
      <Confirm
        opened={asking}
        onClose={ask.close}
        title={`Move ${segment.name} to the trash?`}
        verb="Move to trash"
        busy={trash.isPending}
        onConfirm={() => trash.mutate(undefined, { onSettled: ask.close })}
      >
        Nobody can pull its list while it is there. It can be restored until the trash is emptied.
      </Confirm>
    </>
  );
}
