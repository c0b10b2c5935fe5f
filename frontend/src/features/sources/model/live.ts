import type { LiveRecord } from '@/api/types';

/** Newest first, each record once, at most `most`. */
export function merged(known: LiveRecord[], arrived: LiveRecord[], most = 300): LiveRecord[] {
  const seen = new Set<number>();
  const all: LiveRecord[] = [];
  for (const record of [...arrived, ...known].toSorted((a, b) => b.seq - a.seq)) {
    if (seen.has(record.seq)) continue;
    seen.add(record.seq);
    all.push(record);
  }
  return all.slice(0, most);
}

export interface LiveFilter {
  text: string;
  outcome: string;
}

export function matching(records: LiveRecord[], { text, outcome }: LiveFilter): LiveRecord[] {
  const wanted = text.trim().toLowerCase();
  return records.filter((record) => {
    if (outcome !== 'all' && record.outcome !== outcome) return false;
    if (!wanted) return true;
    return [record.name, record.type, record.user_id, record.message_id, record.reason].some((field) =>
      field?.toLowerCase().includes(wanted),
    );
  });
}
