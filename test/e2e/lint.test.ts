import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ROOT, tempDir } from '../support/cli.js';

const run = promisify(execFile);

/** What Biome says, under this project's configuration, of these files (text by path). */
async function lint(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = tempDir();
  for (const name of ['biome.json', 'lint', '.gitignore']) {
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), source);
  }
  const biome = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');
  return run(process.execPath, [biome, 'lint', '--colors=off', 'src'], { cwd: folder }).then(
    () => '',
    ({ stdout, stderr }) => `${stdout}${stderr}`,
  );
}

const importing = (path: string) => `import { thing } from '${path}';\nthing();\n`;

describe('the map of rooms', () => {
  it.each([
    ['src/kernel/bad.ts', '../bus/index.js'],
    ['src/bus/bad.ts', '../record/index.js'],
    ['src/record/bad.ts', '../trace/index.js'],
    ['src/scenario/bad.ts', '../bus/index.js'],
    ['src/simulator/bad.ts', '../record/index.js'],
    ['src/session/bad.ts', '../bus/index.js'],
    ['src/trace/render/bad.ts', '../../bus/index.js'],
    ['src/capture/bad.ts', '../scenario/index.js'],
    ['src/dashboard/views/bad.ts', '../../session/index.js'],
    ['src/index.ts', './simulator/index.js'],
    ['src/dashboard/bad.ts', '../cli/program.js'],
  ])('forbids %s to import %s', async (file, path) => {
    expect(await lint({ [file]: importing(path) })).toContain('noRestrictedImports');
  });

  it.each([
    ['src/bus/good.ts', '../kernel/index.js'],
    ['src/trace/render/good.ts', '../../record/index.js'],
    ['src/capture/good.ts', '../trace/index.js'],
    ['src/dashboard/views/good.ts', '../../trace/index.js'],
    ['src/cli/commands/good.ts', '../../simulator/index.js'],
    ['src/index.ts', './bus/index.js'],
    ['src/trace/render/good.ts', '../tree.js'],
  ])('allows %s to import %s', async (file, path) => {
    expect(await lint({ [file]: importing(path) })).toBe('');
  });

  it.each([
    ['src/bus/bad.ts', '../kernel/clock.js'],
    ['src/cli/commands/bad.ts', '../../bus/event-type.js'],
    ['src/index.ts', './bus/event-bus.js'],
  ])('lets no room reach behind the door of another: %s, %s', async (file, path) => {
    expect(await lint({ [file]: importing(path) })).toContain('through index.ts alone');
  });
});

describe('time and randomness', () => {
  const FORBIDDEN = [
    'export const now = Date.now();',
    'export const now = new Date();',
    'export const luck = Math.random();',
    'export const now = performance.now();',
    'export const now = process.hrtime.bigint();',
    'setTimeout(() => {}, 1);',
    'setInterval(() => {}, 1);',
    'export const limit = AbortSignal.timeout(5);',
    "import { setTimeout as wait } from 'node:timers/promises';\nawait wait(1);",
    "import { performance as clock } from 'node:perf_hooks';\nclock.now();",
    "import { randomUUID } from 'node:crypto';\nrandomUUID();",
  ];

  it.each(FORBIDDEN)('stay in the kernel: %s', async (source) => {
    expect(await lint({ 'src/bus/bad.ts': `${source}\n` })).toMatch(/port/);
    expect(await lint({ 'src/kernel/good.ts': `${source}\n` })).toBe('');
  });

  it('leave other uses of the same names alone', async () => {
    const source = `import { createHash } from 'node:crypto';

export const shown = new Date(0).toISOString();
export const hash = createHash('sha256').update(shown).digest('hex');
setImmediate(() => {});
`;
    expect(await lint({ 'src/bus/good.ts': source })).toBe('');
  });
});

it('refuses files that import each other', async () => {
  const files = {
    'src/bus/one.ts': "import { two } from './two.js';\n\nexport const one = () => two;\n",
    'src/bus/two.ts': "import { one } from './one.js';\n\nexport const two = () => one;\n",
  };
  expect(await lint(files)).toContain('noImportCycles');
});
