import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { cfBus } from '../support/cli.js';

const run = promisify(execFile);

/** What bash offers for a command line, the last word being the one to complete. */
async function offered(...words: string[]): Promise<string[]> {
  const { stdout: script } = await cfBus(['completion', 'bash']);
  const line = words.map((word) => `'${word}'`).join(' ');
  const { stdout } = await run('bash', [
    '-c',
    `${script}\nCOMP_WORDS=(cf-bus ${line}); COMP_CWORD=${words.length}; _cf_bus; printf '%s\\n' "\${COMPREPLY[@]}"`,
  ]);
  return stdout.trim().split('\n');
}

describe('completion in bash', () => {
  it('offers commands', async () => {
    expect(await offered('typ')).toEqual(['types']);
  });

  it('offers the options of a command, and the values of an option', async () => {
    expect(await offered('types', '--j')).toEqual(['--json']);
    expect(await offered('types', '--color', 'a')).toEqual(['auto', 'always']);
  });

  it('offers the words of an argument', async () => {
    expect(await offered('completion', 'z')).toEqual(['zsh']);
  });
});

it('has scripts for zsh and fish that name every command', async () => {
  const { stdout: help } = await cfBus(['--help']);
  const commands = [...help.matchAll(/^ {2}([a-z]+) {2,}/gm)]
    .map((match) => match[1])
    .filter((name) => name !== 'help');
  for (const shell of ['zsh', 'fish']) {
    const { stdout, code } = await cfBus(['completion', shell]);
    expect(code).toBe(0);
    for (const command of commands) expect(stdout).toContain(command);
  }
});

it('says which shells there are', async () => {
  expect(await cfBus(['completion', 'tcsh'])).toMatchObject({
    code: 2,
    stderr:
      "cf-bus: command-argument value 'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish.\n",
  });
});
