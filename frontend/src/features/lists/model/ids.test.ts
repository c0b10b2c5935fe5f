import { expect, it } from 'vitest';
import { parseIds } from './ids';

it('reads ids however they were pasted, each once', () => {
  expect(parseIds('u1\nu2\r\n "u3" , u1;\n\nu 4\t u5')).toEqual(['u1', 'u2', 'u3', 'u 4', 'u5']);
  expect(parseIds('  \n')).toEqual([]);
});
