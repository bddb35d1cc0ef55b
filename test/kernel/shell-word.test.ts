import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from '../../src/kernel/index.js';

test.each(['req-12345', 'a.b:c/d@e%f+g=h', '-x'])('%s is a word as it is', (text) => {
  expect(shellWord(text)).toBe(text);
});

test.each(['', 'a b', "'; touch pwned; '", '$(touch pwned)', '`touch pwned`', 'a\\', '*', '~', '#', '"', '日本', '!!'])(
  'a shell takes %j as one word, and runs nothing of it',
  (text) => {
    const printed = execFileSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
    expect(printed).toBe(text);
  },
);

test('a line break ends no command', () => {
  expect(shellWord('a\ntouch pwned\n\u001b[2J')).toBe("'a^Jtouch pwned^J^[[2J'");
});
