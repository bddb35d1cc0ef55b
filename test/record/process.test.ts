/** What is left in the log when the process ends, one way or another. Real processes, real signals. */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseLine } from '../../src/record/index.js';
import { linesOf, temporaryFolder } from './support.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Inside the project, so that the bundle finds pino.
const bundle = join(root, 'node_modules', '.cache', 'cf-bus-test', `record-${process.pid}.mjs`);

beforeAll(async () => {
  await build({
    entryPoints: [join(root, 'src', 'record', 'index.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    outfile: bundle,
  });
});
afterAll(() => rmSync(bundle, { force: true }));

/** A program that has `log`, an open log at `file`, and `record()`, which records one more thing. */
function program(file: string, body: string): string[] {
  const source = `
    import fs from 'node:fs';
    import { openLog } from ${JSON.stringify(pathToFileURL(bundle).href)};
    const file = ${JSON.stringify(file)};
    const onTrouble = (error) => console.error('TROUBLE', error.message);
    const onRecovered = (lost) => console.error('RECOVERED', lost);
    const log = openLog({ file, level: 'debug', session: 's1', onTrouble, onRecovered });
    let recorded = 0;
    const record = () => log.observer.controlChanged({ action: 'count', target: String(++recorded), by: 'test' });
    ${body}
  `;
  return ['--input-type=module', '--eval', source];
}

function run(file: string, body: string): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, program(file, body), { encoding: 'utf8' });
}

function targets(lines: readonly string[]): number[] {
  return lines.map((line) => {
    const parsed = parseLine(line);
    return parsed.kind === 'record' && parsed.record.event === 'control_changed' ? Number(parsed.record.target) : -1;
  });
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('nothing recorded is lost', () => {
  test.each([
    ['the program just ends', '', 0],
    ['process.exit in the same turn', 'process.exit(3);', 3],
    ['an exception nobody catches', 'throw new Error("bang");', 1],
    ['a rejection nobody handles', 'Promise.reject(new Error("bang"));', 1],
    ['log.close, then process.exit', 'log.close(); process.exit(0);', 0],
  ])('%s', (_, ending, code) => {
    const file = join(temporaryFolder(), 'a.log');
    const { status } = run(file, `for (let n = 0; n < 100; n++) record(); ${ending}`);
    expect(status).toBe(code);
    expect(targets(linesOf(file))).toEqual(upTo(100));
  });
});

test('an open log, even one in trouble, does not keep the process alive', () => {
  const file = join(temporaryFolder(), 'a.log');
  const { status, stderr } = run(
    file,
    `record(); await new Promise(setImmediate); fs.rmSync(file); fs.mkdirSync(file); record();
     try { log.flushSync() } catch {}`,
  );
  expect(status).toBe(0);
  expect(stderr).toMatch(/^TROUBLE .*is a directory/);
});

test('kill -9 at any moment costs at most the last turn of the event loop, and tears no line but the last', async () => {
  for (const turns of [1, 17, 230, 1_900]) {
    const file = join(temporaryFolder(), 'a.log');
    // After each turn it says, unbuffered, how much was recorded before that turn ended.
    const child = spawn(
      process.execPath,
      program(
        file,
        `const turn = () => {
           if (recorded > 0) fs.writeSync(1, recorded + '\\n');
           for (let n = 0; n < 20; n++) record();
           setImmediate(turn);
         };
         turn();`,
      ),
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let said = '';
    child.stdout.setEncoding('utf8');
    child.stdout.on('data', (text: string) => {
      said += text;
      if (said.split('\n').length > turns) child.kill('SIGKILL');
    });
    await new Promise((resolve) => child.on('close', resolve));
    const flushed = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1));
    const text = readFileSync(file, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n')).split('\n');
    expect(flushed).toBeGreaterThan(0);
    expect(whole.length).toBeGreaterThanOrEqual(flushed);
    expect(targets(whole)).toEqual(upTo(whole.length));
  }
});

test('a file-size limit (ulimit -f) is told, kills nobody, and is over when the log is truncated', () => {
  const file = join(temporaryFolder(), 'a.log');
  const script = program(
    file,
    `for (let n = 0; n < 2000; n++) record();
     try { log.flushSync(); } catch (error) { console.error('REFUSED', error.code); }
     const before = fs.readFileSync(file, 'utf8').split('\\n');
     console.log(before.length - 1);
     fs.truncateSync(file, 0);
     log.flushSync();
     record();
     log.close();`,
  );
  // Blocks are of 1024 bytes in bash, of 512 in a POSIX sh: 2,000 lines of some 130 bytes fit in neither, what is left does in both.
  const { status, stdout, stderr } = spawnSync(
    'sh',
    ['-c', 'ulimit -f 400; exec "$0" "$@"', process.execPath, ...script],
    {
      encoding: 'utf8',
    },
  );
  expect(stderr).toMatch(/TROUBLE .*size limit.*EFBIG.*REFUSED LOG_UNAVAILABLE.*RECOVERED 0/s);
  expect(status).toBe(0);
  const before = Number(stdout);
  expect(before).toBeGreaterThan(100);
  // The line at the limit was cut off with the rest of the old text, so it is written again as a whole.
  expect(targets(linesOf(file))).toEqual(upTo(2001).slice(before));
});

test('two processes share one log: every line of both is there, whole', async () => {
  const file = join(temporaryFolder(), 'a.log');
  const body = `let turns = 0;
    const turn = () => { for (let n = 0; n < 50; n++) record(); if (++turns < 40) setImmediate(turn); };
    turn();`;
  const ends = [1, 2].map(() => {
    const child = spawn(process.execPath, program(file, body), { stdio: 'inherit' });
    return new Promise((resolve) => child.on('close', resolve));
  });
  expect(await Promise.all(ends)).toEqual([0, 0]);
  expect(existsSync(file)).toBe(true);
  const found = targets(linesOf(file));
  expect(found).toHaveLength(4_000);
  expect(found.sort((a, b) => a - b)).toEqual(upTo(2_000).flatMap((n) => [n, n]));
});
