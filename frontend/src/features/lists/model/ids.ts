/** User ids out of pasted text: one per line or separated by commas, each once, in order. */
export function parseIds(text: string): string[] {
  const ids = text
    .split(/[\r\n,;\t]+/)
    .map((part) => part.trim().replace(/^"(.*)"$/, '$1').trim())
    .filter((part) => part !== '');
  return [...new Set(ids)];
}
