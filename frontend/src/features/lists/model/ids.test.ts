import { expect, it } from 'vitest';
import { fileType, parseIds } from './ids';

it('reads one id a line, each once, as it stands', () => {
  expect(parseIds('u1\nu2\r\n a,b \nu1\n\n"q"\nu 4')).toEqual(['u1', 'u2', 'a,b', '"q"', 'u 4']);
  expect(parseIds('  \n')).toEqual([]);
});

it('takes only CSV files for CSV', () => {
  expect(['a.csv', 'A.CSV', 'a.txt', 'a'].map(fileType)).toEqual(['text/csv', 'text/csv', 'text/plain', 'text/plain']);
});
