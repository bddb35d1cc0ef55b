import { describe, expect, test } from 'vitest';
import { painter } from '../../src/cli/paint.js';
import { longTable, table } from '../../src/cli/table.js';

const plain = painter(false);

describe('a table', () => {
  test('has columns as wide as their widest cell, by what a terminal shows', () => {
    const rows = [
      ['a', '1', 'x'],
      ['日本', '20', ''],
    ];
    expect(table([{ title: 'NAME' }, { title: 'N', align: 'right' }, { title: 'LAST' }], rows, plain)).toEqual([
      'NAME   N  LAST',
      'a      1  x',
      '日本  20',
    ]);
  });

  test('may have hundreds of thousands of rows', () => {
    function* rows() {
      for (let index = 0; index < 300_000; index++) yield [`row ${index}`, 'x'];
    }
    let lines = 0;
    let last = '';
    for (const line of longTable([{ title: 'ROW' }, { title: 'X' }], rows, plain)) {
      lines++;
      last = line;
    }
    expect([lines, last]).toEqual([300_001, 'row 299999  x']);
    expect(table([{ title: 'ROW' }, { title: 'X' }], [...rows()], plain)).toHaveLength(300_001);
  });
});
