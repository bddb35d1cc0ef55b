import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT, tempDir } from '../support/cli.js';

const run = promisify(execFile);

/** A copy of all that the build reads. */
function copyOfProject(): string {
  const folder = tempDir();
  for (const name of ['src', 'build', 'build.mjs', 'package.json', 'tsconfig.json', 'tsconfig.build.json']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

describe('the build', () => {
  it('stops when a command imports the dashboard statically, because every start would pay for React', async () => {
    const folder = copyOfProject();
    mkdirSync(join(folder, 'src/dashboard'), { recursive: true });
    writeFileSync(join(folder, 'src/dashboard/probe.ts'), 'export const probe = () => "here";\n');
    const command = join(folder, 'src/cli/commands/types.ts');
    const source = readFileSync(command, 'utf8');
    writeFileSync(command, `import { probe } from '../../dashboard/probe.js';\n${source}\nconsole.log(probe());\n`);
    await expect(run(process.execPath, ['build.mjs'], { cwd: folder })).rejects.toMatchObject({
      stderr: expect.stringContaining('commands/types.js contains src/dashboard/probe.ts'),
    });
  });

  it('stops when a package that few commands need comes into a bundle that starts without it', async () => {
    const folder = copyOfProject();
    const record = join(folder, 'src/record/line.ts');
    writeFileSync(
      record,
      `import { parse } from 'yaml';\n${readFileSync(record, 'utf8')}\nconsole.log(parse('a: 1'));\n`,
    );
    await expect(run(process.execPath, ['build.mjs'], { cwd: folder })).rejects.toMatchObject({
      stderr: expect.stringMatching(/contains \S*node_modules\/yaml\/\S*, which makes its start slow/),
    });
  });

  it('gives the same files twice, and removes what no longer belongs there', async () => {
    const folder = copyOfProject();
    const snapshot = () =>
      readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, 'utf8')]);
    await run(process.execPath, ['build.mjs'], { cwd: folder });
    const first = snapshot();
    writeFileSync(join(folder, 'dist/cli/left-over.js'), '');
    await run(process.execPath, ['build.mjs'], { cwd: folder });
    expect(snapshot()).toEqual(first);
  });

  it('names the licence of every package it bundles', async () => {
    const notices = readFileSync(join(ROOT, 'dist/THIRD_PARTY_NOTICES.txt'), 'utf8');
    for (const name of ['commander', 'ink', 'liquidjs', 'pino', 'react', 'yaml']) {
      expect(notices).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(\\S+\\)\\n\\n`, 'm'));
    }
  });
});
