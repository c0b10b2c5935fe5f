import { FileInput } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { type DragEvent, useState } from 'react';

/** A file to choose, or to drop here. */
export function FileDrop({ file, onChange }: { file: File | null; onChange: (file: File | null) => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const dropped = event.dataTransfer.files[0];
    if (dropped) onChange(dropped);
  };
  return (
    <div
      className="rc-drop"
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <FileInput
        label="File"
        description="Text with one user id per line, or CSV with the user ids in the first column; millions of lines are fine."
        placeholder="Choose a file, or drop it here"
        leftSection={<IconFile size={16} />}
        accept=".csv,.txt,text/plain,text/csv"
        clearable
        clearButtonProps={{ 'aria-label': 'Take another file' }}
        value={file}
        onChange={onChange}
      />
    </div>
  );
}
