/** User ids out of pasted text: one per line, each once, in order. An id may hold commas and quotes. */
export function parseIds(text: string): string[] {
  const ids = text
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return [...new Set(ids)];
}

/** How a file of user ids is to be read: only CSV has columns and quotes. */
export function fileType(name: string): string {
  return name.toLowerCase().endsWith('.csv') ? 'text/csv' : 'text/plain';
}
