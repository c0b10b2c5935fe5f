import { IconGripVertical } from '@tabler/icons-react';
import { type DragEvent, type KeyboardEvent, useRef } from 'react';
import { moveStep, type Step } from '../model/edit';
import { useBuilder } from './context';

const keys: Record<string, Step> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowRight: 'in',
  ArrowLeft: 'out',
};

/** Drag with the pointer, or focus it and move with the arrow keys. */
export function DragHandle({ id, label }: { id: string; label: string }) {
  const { editor, setDragging } = useBuilder();
  const handle = useRef<HTMLButtonElement>(null);

  const start = (event: DragEvent) => {
    event.stopPropagation();
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', id);
    const line = handle.current?.closest('[data-node]');
    if (line) event.dataTransfer.setDragImage(line, 12, 16);
    setDragging(id);
  };
  const press = (event: KeyboardEvent) => {
    const step = keys[event.key];
    if (!step) return;
    event.preventDefault();
    editor.edit((doc) => moveStep(doc, id, step));
    requestAnimationFrame(() => document.getElementById(`grip-${id}`)?.focus());
  };
  return (
    <button
      type="button"
      ref={handle}
      id={`grip-${id}`}
      className="rb-grip"
      draggable
      onDragStart={start}
      onDragEnd={() => setDragging(null)}
      onKeyDown={press}
      aria-label={`Move ${label}: drag, or use the arrow keys`}
      title="Drag, or move with the arrow keys"
    >
      <IconGripVertical size={16} aria-hidden />
    </button>
  );
}
