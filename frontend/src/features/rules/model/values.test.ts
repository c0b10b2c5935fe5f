import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '@/api/types';
import { filterWords, named } from './describe';
import { begin, record, redo, undo } from './history';
import { fitValue, guessType, operatorOf, operatorsFor, valueMissing } from './operators';
import { durationWords, newWindow, parseDuration, seasonChoices, windowKind, windowMissing, windowWords } from './windows';

describe('operators', () => {
  it('are those of the type', () => {
    expect(operatorsFor('boolean').map((item) => item.op)).toEqual(['eq', 'neq', 'is_set', 'is_not_set']);
    expect(operatorsFor('string').some((item) => item.op === 'gt')).toBe(false);
    expect(operatorOf('between', 'number')?.shape).toBe('pair');
  });
  it('carry a value over where it fits', () => {
    expect(fitValue('F', 'one', 'many')).toEqual(['F']);
    expect(fitValue(['F', 'M'], 'many', 'one')).toBe('F');
    expect(fitValue(5, 'one', 'pair')).toEqual([5, null]);
    expect(fitValue(5, 'one', 'none')).toBeUndefined();
  });
  it('know an unfinished value', () => {
    expect(valueMissing(false, 'one')).toBe(false);
    expect(valueMissing(0, 'one')).toBe(false);
    expect(valueMissing([1], 'pair')).toBe(true);
    expect(valueMissing(undefined, 'none')).toBe(false);
  });
  it('guess the type of a path never seen', () => {
    expect(guessType('eq', 3)).toBe('number');
    expect(guessType('within_last', '3d')).toBe('datetime');
    expect(guessType('has_any', ['a'])).toBe('list<string>');
  });
});

describe('windows', () => {
  it('read durations and refuse what is none', () => {
    expect(parseDuration('30d')).toEqual({ amount: 30, unit: 'd' });
    expect(parseDuration('1mo')).toEqual({ amount: 1, unit: 'mo' });
    for (const wrong of ['0d', '1.5d', 'd', '03d', '', 3]) expect(parseDuration(wrong)).toBeNull();
    expect(durationWords('1y')).toBe('1 year');
  });
  it('are told apart', () => {
    expect(windowKind(undefined)).toBe('all');
    expect(windowKind({ to: '2026-01-01' })).toBe('dates');
    expect(windowKind({ season: { property: 'a', value: 'b' } })).toBe('season');
    expect(windowKind({ season: { property: 'a', value: 'b', which: 1 } })).toBe('other');
    expect(windowKind({ season: { property: 'a', value: ['b'] } })).toBe('other');
    expect(windowMissing(newWindow('dates'))).toBe('Give a first or a last day');
    expect(windowMissing({ season: {} })).toBe('Pick the property whose values have seasons');
    expect(windowMissing(newWindow('season', ['programme']))).toBe('Say whose season');
    expect(windowMissing({ season: { property: 'a', value: 0 } })).toBeNull();
    expect(windowWords({ last: '30d', shift: '1y' })).toBe('in the last 30 days, 1 year earlier');
  });
});

describe('seasons', () => {
  it.each<[Json | undefined, string]>([
    [undefined, 'in the season of NCIS that began last'],
    [0, 'in the season of NCIS that began last'],
    [-1, 'in the previous season of NCIS'],
    [-2, 'in the season of NCIS 2 before the last'],
  ])('%s is told as %s', (which, words) => {
    const season = { property: 'programme', value: 'NCIS', ...(which === undefined ? {} : { which }) };
    expect(windowWords({ season })).toBe(words);
    expect(windowWords({ season, shift: '1y' })).toBe(`${words}, 1 year earlier`);
  });
  it('of which one is chosen are offered, and the chosen one', () => {
    expect(seasonChoices(-1)).toHaveLength(6);
    expect(seasonChoices(-9).at(-1)).toEqual({ value: '-9', label: 'the season 9 before the last' });
  });
});

describe('words', () => {
  it.each<[JsonObject, string]>([
    [{ property: 'age', op: 'between', value: [25, 49] }, 'age is between 25 and 49'],
    [{ not: { property: 'born', op: 'anniversary', value: 1 } }, 'not (born has its anniversary in 1 day)'],
  ])('of %j', (json, words) => {
    expect(filterWords(json)).toBe(words);
  });
  it('name what the server names by id', () => {
    expect(named('in segment s-1, and not on list l-1', [{ id: 's-1', name: 'Fans' }])).toBe('in segment “Fans”, and not on list l-1');
  });
});

describe('history', () => {
  it('undoes, redoes, and takes typing as one step', () => {
    let history = record(begin(0), 1);
    history = record(history, 2);
    history = record(history, 3, true);
    expect(undo(history).present).toBe(1);
    expect(redo(undo(history)).present).toBe(3);
    expect(undo(undo(undo(history))).present).toBe(0);
    expect(record(history, 3)).toBe(history);
  });
});
