import type { TrailEntry } from '@/api/types';

const actions: Record<string, string> = {
  'session.start': 'signed in',
  'session.end': 'signed out',
  'account.create': 'made an account',
  'account.update': 'changed an account',
  'account.change_password': 'changed their password',
  'api_key.create': 'made an API key',
  'api_key.revoke': 'revoked an API key',
  'source.create': 'added a source',
  'source.update': 'changed a source',
  'source.rotate_key': 'replaced a write key',
  'schema.declare': 'declared types',
  'import.create': 'started an import',
  'import.cancel': 'cancelled an import',
  'import.end': 'finished an import',
  'segment.create': 'made a segment',
  'segment.update': 'saved a new version',
  'segment.trash': 'moved to the trash',
  'segment.restore': 'restored from the trash',
  'segment.delete': 'deleted for good',
  'segment.build': 'counted now',
  'recount.request': 'asked for a recount',
  'recount.agree': 'recounted: it agrees',
  'recount.differ': 'recounted: it differs',
  'list.create': 'uploaded a list',
  'list.upload': 'uploaded to a list',
  'list.unknown': 'took the unknown ids of a list',
  'list.delete': 'deleted a list',
  'catalogue.create': 'made a catalogue',
  'catalogue.update': 'changed a catalogue',
  'catalogue.upload': 'uploaded rows of a catalogue',
  'catalogue.delete': 'deleted a catalogue',
  'list.take': 'took a list out',
  'list.delta': 'took the changes of a list out',
  'map.users': 'took the user map',
  'map.segments': 'took the segment map',
  'campaign.create': 'wrote a campaign',
  'campaign.update': 'changed a campaign',
  'campaign.delete': 'deleted a campaign',
  'campaign.test': 'sent a test mail',
  'campaign.send': 'sent a campaign',
  'campaign.pause': 'paused a campaign',
  'campaign.resume': 'resumed a campaign',
  'campaign.cancel': 'cancelled a campaign',
  'campaign.end': 'finished a campaign',
  'user.unsubscribe': 'unsubscribed',
  'user.explain': 'asked why a user is in or out',
};

/** What was done, in plain words; an action unknown here keeps its own. */
export function actionWords(action: string): string {
  return actions[action] ?? action.replaceAll(/[_.]/g, ' ');
}

const kinds: Record<string, string> = { api_key: 'API key', build: 'count', schema: 'types of events and traits' };

export function kindWords(kind: string | null): string {
  return kinds[kind ?? ''] ?? kind ?? '';
}

/** The page of a thing, if it has one. */
export function pageOf(entry: TrailEntry): string | null {
  const recount = entry.detail?.recount_id;
  if (typeof recount === 'string') return `/recounts/${recount}`;
  const folder: Record<string, string> = { segment: '/segments/', campaign: '/campaigns/', source: '/sources/' };
  const path = folder[entry.target_kind ?? ''];
  return path && entry.target_id ? `${path}${entry.target_id}` : null;
}

/** Names that entries tell: of whoever did something, and of API keys, which a reader may not ask for. */
export function toldNames(entries: TrailEntry[]): [id: string, name: string][] {
  const actors = entries.map(({ actor_id, actor }): [string, string] => [actor_id ?? '', actor]);
  const keys = entries
    .filter(({ action }) => action === 'api_key.create' || action === 'api_key.revoke')
    .flatMap(({ target_id, detail }): [string, string][] =>
      target_id && typeof detail?.name === 'string' ? [[target_id, detail.name]] : [],
    );
  return [...actors, ...keys];
}

/** An id cut to what tells it from others by eye: its end, for ids that begin with their time. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}

function value(of: unknown): string {
  if (of === true) return 'yes';
  if (of === false) return 'no';
  if (typeof of === 'number') return of.toLocaleString('en-US');
  if (typeof of === 'string') return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(of) ? shortId(of) : of;
  return JSON.stringify(of);
}

/** What else was noted, without what was left as it was. */
export function detailWords(detail: TrailEntry['detail']): string {
  return Object.entries(detail ?? {})
    .filter(([, of]) => of !== null && of !== undefined)
    .map(([key, of]) => `${key.replaceAll('_', ' ')}: ${value(of)}`)
    .join(', ');
}
