import { expect, test } from 'vitest';
import { Output } from '../../src/cli/output.js';

const widthOf = (columns: number | undefined, env: NodeJS.ProcessEnv = {}) =>
  new Output({ write: () => true, isTTY: true, ...(columns === undefined ? {} : { columns }) }, 'never', env).columns;

test('a row is as wide as the terminal, else as COLUMNS says, else 100 cells', () => {
  expect(widthOf(72, { COLUMNS: '90' })).toBe(72);
  expect(widthOf(undefined, { COLUMNS: '90' })).toBe(90);
  expect(widthOf(undefined, { COLUMNS: 'wide' })).toBe(100);
});

test('a terminal that nobody gave a size, as in containers and under expect, has no rows of no cells', () => {
  expect(widthOf(0)).toBe(100);
  expect(widthOf(0, { COLUMNS: '90' })).toBe(90);
});
