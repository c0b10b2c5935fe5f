import { expect, test } from 'vitest';
import type { ReferenceRow, ReferenceSection } from '@/api/types';
import { find } from './find';

const row = (name: string, means: string, title: string | null = null): ReferenceRow => ({
  name, title, means, boundary: null, facts: [], fields: [], example: null,
});
const section = (id: string, rows: ReferenceRow[]): ReferenceSection => ({ id, title: id, lead: '', rows });

const sections = [
  section('conditions', [row('event', 'Users by what they did.', 'By behaviour'), row('top', 'The highest. It may have a season.')]),
  section('windows', [row('last', 'From so long ago until now.'), row('season', 'When a season ran.', 'A season')]),
];
const names = (found: ReferenceSection[]) => found.map(({ rows }) => rows.map(({ name }) => name));

test('no question shows everything', () => {
  expect(find(sections, ' ')).toBe(sections);
});

test('a word finds its own row before those that mention it', () => {
  expect(names(find(sections, 'Season'))).toEqual([['season'], ['top']]);
});

test('all words have to be told of a row', () => {
  expect(names(find(sections, 'what did'))).toEqual([['event']]);
  expect(find(sections, 'season did')).toEqual([]);
});
