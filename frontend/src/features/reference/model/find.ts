import type { ReferenceRow, ReferenceSection } from '@/api/types';

/** Everything that is told of a row, to be searched. */
function told(row: ReferenceRow): string {
  const { example } = row;
  return [
    row.name,
    row.title,
    row.means,
    row.boundary,
    ...row.facts.flatMap((fact) => [fact.label, fact.text]),
    ...row.fields.flatMap((field) => [field.name, field.means]),
    example?.words.en,
    example?.text,
  ]
    .filter((text) => text)
    .join(' ')
    .toLowerCase();
}

/** How well a row answers: its own name first, then its title, then anything told of it. */
function rank(row: ReferenceRow, words: string[]): number {
  if (!words.every((word) => told(row).includes(word))) return 3;
  if (words.includes(row.name.toLowerCase())) return 0;
  const named = `${row.name} ${row.title ?? ''}`.toLowerCase();
  return words.every((word) => named.includes(word)) ? 1 : 2;
}

/** The rows that have every word of a question, best first within their section; sections without one are left out. */
export function find(sections: ReferenceSection[], question: string): ReferenceSection[] {
  const words = question.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return sections;
  const found = sections.map((section) => {
    const ranked = section.rows.map((row) => ({ row, at: rank(row, words) })).filter(({ at }) => at < 3);
    return { section, best: Math.min(...ranked.map(({ at }) => at)), rows: ranked.sort((a, b) => a.at - b.at).map(({ row }) => row) };
  });
  return found
    .filter(({ rows }) => rows.length > 0)
    .sort((a, b) => a.best - b.best)
    .map(({ section, rows }) => ({ ...section, rows }));
}
