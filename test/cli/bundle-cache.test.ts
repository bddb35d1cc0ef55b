import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BundleLoader, type LoaderEnvironment } from '../../src/cli/bundle-cache.js';
import { cfBus, tempDir } from '../support/cli.js';

/** As the build writes it. */
const bundle = (code: string) => `(function (exports, require, module, __filename, __dirname) {"use strict";${code}})`;

const MAIN = bundle(`
exports.double = (n) => require("./lib/times.js").times(n, 2);
exports.separator = () => require("node:path").sep;
exports.same = () => require("./lib/times.js") === require("./lib/times.js");
exports.load = (id) => require.import(id);
exports.where = [__filename, __dirname];
`);
const TIMES = bundle('exports.times = (a, b) => a * b;');

interface Main {
  double(n: number): number;
  separator(): string;
  same(): boolean;
  load(id: string): Promise<unknown>;
  readonly where: readonly [string, string];
}

/** A home folder, two bundles, and the folder where their code will be. */
function world() {
  const home = tempDir();
  const main = join(home, 'main.js');
  mkdirSync(join(home, 'lib'));
  writeFileSync(main, MAIN);
  writeFileSync(join(home, 'lib/times.js'), TIMES);
  return { home, main, cache: join(home, '.cache', 'cf-bus', 'code') };
}

function loader(home: string, changes: Partial<LoaderEnvironment> = {}): BundleLoader {
  return new BundleLoader({
    env: { HOME: home },
    uid: process.getuid?.(),
    importModule: async (url) => url,
    ...changes,
  });
}

function isMain(value: object): value is Main {
  return 'double' in value;
}

function load(from: BundleLoader, file: string): Main {
  const main = from.require(file);
  if (!isMain(main)) throw new Error('not the bundle');
  return main;
}

/** One start of the program: loads, calls, ends. */
function start(home: string, file: string, changes?: Partial<LoaderEnvironment>): number {
  const bundles = loader(home, changes);
  const answer = load(bundles, file).double(21);
  bundles.save();
  return answer;
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe('a bundle', () => {
  it('knows where it is, other bundles, and what is built into Node.js', () => {
    const { home, main } = world();
    const built = load(loader(home), main);
    expect(built.double(4)).toBe(8);
    expect(built.same()).toBe(true);
    expect(built.separator()).toBe('/');
    expect(built.where).toEqual([main, home]);
  });

  it('imports ES modules by a relative path or a URL', async () => {
    const { home, main } = world();
    const built = load(loader(home), main);
    expect(await built.load('../x.mjs')).toBe(`file://${join(home, '../x.mjs')}`);
    expect(await built.load('file:///y.mjs')).toBe('file:///y.mjs');
  });

  it('says in which line it failed', () => {
    const { home, main } = world();
    writeFileSync(main, bundle('\nthrow new Error("here");'));
    expect(() => loader(home).require(main)).toThrow(
      expect.objectContaining({ stack: expect.stringContaining(`${main}:2:7`) }),
    );
  });
});

describe('the code of bundles', () => {
  it('is kept for this user alone', () => {
    const { home, main, cache } = world();
    expect(start(home, main)).toBe(42);
    expect(filesIn(cache)).toHaveLength(2);
    expect(statSync(cache).mode & 0o777).toBe(0o700);
    for (const file of filesIn(cache)) expect(statSync(join(cache, file)).mode & 0o777).toBe(0o600);
  });

  it('is used at the next start of the program, which does the same and keeps nothing anew', async () => {
    const { home, cache } = world();
    const first = await cfBus(['types'], { cwd: home });
    const files = filesIn(cache);
    expect(files.length).toBeGreaterThanOrEqual(2);
    for (const file of files) utimesSync(join(cache, file), 1, 1);
    expect(await cfBus(['types'], { cwd: home })).toEqual(first);
    expect(filesIn(cache)).toEqual(files);
    for (const file of files) expect(statSync(join(cache, file)).mtimeMs).toBe(1_000);
  });

  it('can still load a user’s own module', async () => {
    const { home } = world();
    const handler = 'subscribe: order.placed, module: ./handler.mjs';
    writeFileSync(
      join(home, 'shop.yaml'),
      `version: 1\nname: Shop\nservices: { own: { handlers: { h: { ${handler} } } } }\n`,
    );
    writeFileSync(join(home, 'handler.mjs'), 'export default () => console.log("called");\n');
    const publish = ['publish', 'order.placed', '--scenario', 'shop.yaml', '--allow-modules'];
    for (const _start of ['cold', 'warm']) {
      const { stdout, code } = await cfBus(publish, { cwd: home });
      expect(stdout).toMatch(/^called$/m);
      expect(code).toBe(0);
    }
  });

  it('is not kept of a run that failed: it did not call what others will', async () => {
    const { home, cache } = world();
    expect(await cfBus(['trace', '--no-such-option'], { cwd: home })).toMatchObject({ code: 2 });
    expect(filesIn(cache)).toEqual([]);
  });

  it.each([
    ['some other bytes', (bytes: Buffer) => bytes.fill(0x55, bytes.length >> 2, (bytes.length >> 2) + 512)],
    ['other bytes', (bytes: Buffer) => Buffer.from('x'.repeat(bytes.length))],
    ['nothing', () => Buffer.alloc(0)],
    ['nothing but zeros', (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ['a part of it', (bytes: Buffer) => bytes.subarray(0, bytes.length - 8)],
    ['half of it', (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1)],
  ])('that became %s is not used, and made anew', async (_what, damaged) => {
    const { home, cache } = world();
    const first = await cfBus(['types'], { cwd: home });
    const files = filesIn(cache).map((file) => join(cache, file));
    for (const file of files) writeFileSync(file, damaged(readFileSync(file)));
    expect(await cfBus(['types'], { cwd: home })).toEqual(first);
    for (const file of files) utimesSync(file, 1, 1);
    expect(await cfBus(['types'], { cwd: home })).toEqual(first);
    for (const file of files) expect(statSync(file).mtimeMs).toBe(1_000);
  });

  it('of a bundle that was changed is not used, even where the text is as long as before', () => {
    const { home, main } = world();
    start(home, main);
    writeFileSync(join(home, 'lib/times.js'), TIMES.replace('*', '-'));
    expect(start(home, main)).toBe(19);
    expect(start(home, main)).toBe(19);
  });

  it('goes into XDG_CACHE_HOME where that is set', () => {
    const { home, main, cache } = world();
    const folder = join(tempDir(), 'not', 'there', 'yet');
    start(home, main, { env: { HOME: home, XDG_CACHE_HOME: folder } });
    expect(filesIn(cache)).toEqual([]);
    expect(filesIn(join(folder, 'cf-bus', 'code'))).toHaveLength(2);
  });

  it('of old versions does not pile up', () => {
    const { home, main, cache } = world();
    for (let version = 1; version <= 40; version++) {
      utimesSync(main, version, version);
      utimesSync(join(home, 'lib/times.js'), version, version);
      start(home, main);
    }
    expect(filesIn(cache).length).toBeLessThanOrEqual(60);
    expect(start(home, main)).toBe(42);
  });
});

describe('no code is kept, and all works,', () => {
  it.each([
    [
      'where NODE_DISABLE_COMPILE_CACHE is set',
      (home: string) => ({ env: { HOME: home, NODE_DISABLE_COMPILE_CACHE: '1' } }),
    ],
    ['while coverage is measured', (home: string) => ({ env: { HOME: home, NODE_V8_COVERAGE: home } })],
    ['without a home folder', () => ({ env: {} })],
    ['with one that is not there', (home: string) => ({ env: { HOME: join(home, 'gone') } })],
    ['with one that is a relative path', () => ({ env: { HOME: '.' } })],
    ['in the home folder of another user', (home: string) => ({ env: { HOME: home }, uid: 12_345 })],
    ['on a system without users', (home: string) => ({ env: { HOME: home }, uid: undefined })],
  ])('%s', (_where, changes) => {
    const { home, main, cache } = world();
    expect(start(home, main, changes(home))).toBe(42);
    expect(filesIn(cache)).toEqual([]);
  });

  it('where others may write into the folder', () => {
    const { home, main, cache } = world();
    mkdirSync(cache, { recursive: true });
    chmodSync(cache, 0o770);
    expect(start(home, main)).toBe(42);
    expect(filesIn(cache)).toEqual([]);
  });

  it('where the folder is a link to somewhere else, or no folder', () => {
    const { home, main, cache } = world();
    const elsewhere = tempDir();
    mkdirSync(dirname(cache), { recursive: true });
    symlinkSync(elsewhere, cache);
    expect(start(home, main)).toBe(42);
    expect(filesIn(elsewhere)).toEqual([]);
    rmSync(cache);
    writeFileSync(cache, '');
    expect(start(home, main)).toBe(42);
  });
});
