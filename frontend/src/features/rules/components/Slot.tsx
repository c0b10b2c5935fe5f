import { type DragEvent, type ReactNode, useState } from 'react';
import { move } from '../model/edit';
import { useBuilder } from './context';

/** One child of a group as a place to drop on: its upper half is before it, its lower half after. */
export function Slot({ groupId, index, children }: { groupId: string; index: number; children: ReactNode }) {
  const { dragging, editor, setDragging } = useBuilder();
  const [side, setSide] = useState<'before' | 'after' | null>(null);

  const over = (event: DragEvent<HTMLDivElement>) => {
    if (!dragging) return;
    event.preventDefault();
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    setSide(event.clientY < box.top + box.height / 2 ? 'before' : 'after');
  };
  const drop = (event: DragEvent) => {
    if (!dragging) return;
    event.preventDefault();
    event.stopPropagation();
    const at = side === 'after' ? index + 1 : index;
    editor.edit((doc) => move(doc, dragging, groupId, at));
    setSide(null);
    setDragging(null);
  };
  return (
    <div className="rb-slot" data-drop={dragging ? side : undefined} onDragOver={over} onDragLeave={() => setSide(null)} onDrop={drop}>
      {children}
    </div>
  );
}
