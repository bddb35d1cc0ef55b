import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import { openLog } from '../../src/record/index.js';
import { cfBus, tempDir } from '../support/cli.js';

/** Writes a log as a user's own program does: `index.started` leads to `index.completed`, and `index.failed` fails. */
async function writeLog(file: string, traceIds: readonly string[], session?: string): Promise<void> {
  const log = openLog({ file, level: 'debug', session });
  const bus = new EventBus({ log });
  bus.subscribe('index.started', function indexRepository(_event, { publish }) {
    return publish({ type: 'index.completed', payload: { repo_path: '/srv/web' } });
  });
  bus.subscribe('index.failed', function giveUp() {
    throw new Error('disk full');
  });
  for (const traceId of traceIds) {
    const broken = traceId.includes('broken');
    if (broken) await bus.publish({ type: 'index.failed', payload: { error: 'x' }, traceId });
    else await bus.publish({ type: 'index.started', payload: { repo_path: '/srv/web' }, traceId, source: 'api' });
  }
  await bus.close();
  log.close();
}

/** A folder whose default log holds these traces. */
async function withLog(...traceIds: readonly string[]) {
  const cwd = tempDir();
  await writeLog(join(cwd, 'logs/cf-bus.log'), traceIds);
  return { cwd, run: (args: readonly string[], stdin = '') => cfBus(args, { cwd, stdin }) };
}

describe('cf-bus trace', () => {
  it('shows what led to what, from the default log', async () => {
    const { run } = await withLog('req-1', 'req-12345');
    const { stdout, stderr, code } = await run(['trace', 'req-12345']);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^req-12345 {2}OK in /);
    expect(stdout).toMatch(/index\.started {2}from api.*\n.*indexRepository.*\n.*index\.completed/);
  });

  it('ends with 0 for a trace that failed: it was found', async () => {
    const { run } = await withLog('broken-1');
    const { stdout, code } = await run(['trace', 'broken-1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^broken-1 {2}FAILED[\s\S]*disk full/);
  });

  it('gives programs a stable JSON object', async () => {
    const { run } = await withLog('req-1');
    const { stdout } = await run(['trace', 'req-1', '--format', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ trace_id: 'req-1', outcome: 'ok', orphans: [], counts: { events: 2 } });
    expect((await run(['trace', 'req-1', '--json'])).stdout).toBe(stdout);
  });

  it('reads named files, globs, gzip, rotated sets and standard input', async () => {
    const { cwd, run } = await withLog('req-1');
    const text = readFileSync(join(cwd, 'logs/cf-bus.log'));
    writeFileSync(join(cwd, 'logs/old.log.2.gz'), gzipSync(text));
    writeFileSync(join(cwd, 'logs/old.log'), '');
    const expected = (await run(['trace', 'req-1'])).stdout;
    for (const args of [
      ['logs/cf-bus.log'],
      ['--log', 'logs/cf-bus.log'],
      ['logs/cf-*.log'],
      ['./logs/c?-bus.l*'],
      ['logs/old.log'],
      ['logs/old.log.2.gz'],
    ]) {
      expect((await run(['trace', 'req-1', ...args])).stdout).toBe(expected);
    }
    expect((await run(['trace', 'req-1', '-'], text.toString())).stdout).toBe(expected);
  });

  it('finds an id that looks like an option behind --', async () => {
    const { run } = await withLog('--odd');
    expect((await run(['trace', '--', '--odd'])).stdout).toMatch(/^--odd {2}OK/);
  });

  it('shows the newest with --latest, and all with --list', async () => {
    const { run } = await withLog('req-1', 'broken-1', 'req-2');
    expect((await run(['trace', '--latest'])).stdout).toMatch(/^req-2 {2}OK/);
    const { stdout } = await run(['trace', '--list', '--sort', 'errors']);
    expect(stdout).toMatch(/req-1 .*\n.*req-2 .*\n.*broken-1 +index\.failed .* FAILED\n$/);
    const list = JSON.parse((await run(['trace', '--list', '--json'])).stdout);
    expect(list).toMatchObject([{ trace_id: 'req-1' }, { trace_id: 'broken-1', errors: 1 }, { trace_id: 'req-2' }]);
  });

  it('shows the newest run of an id that occurs in several, and says how to see the others', async () => {
    const cwd = tempDir();
    const file = join(cwd, 'logs/cf-bus.log');
    await writeLog(file, ['req-1'], 'older');
    await writeLog(file, ['req-1'], 'newer');
    const newest = await cfBus(['trace', 'req-1'], { cwd });
    expect(newest.stdout).toContain('session newer');
    expect(newest.stderr).toBe('Another run has this trace id: --session older, or --all\n');
    expect((await cfBus(['trace', 'req-1', '--session', 'older'], { cwd })).stdout).toContain('session older');
    const all = await cfBus(['trace', 'req-1', '--all', '--json'], { cwd });
    expect(JSON.parse(all.stdout)).toMatchObject([{ session: 'newer' }, { session: 'older' }]);
  });

  it('draws bars to scale with --format waterfall', async () => {
    const { run } = await withLog('req-1');
    const { stdout } = await run(['trace', 'req-1', '--format', 'waterfall']);
    expect(stdout).toMatch(/indexRepository.*█/);
    expect((await run(['trace', 'req-1', '--format', 'waterfall', '--ascii'])).stdout).toMatch(/indexRepository.*#/);
  });

  it('makes a big trace small, and says what it left out', async () => {
    const { run } = await withLog('req-1');
    const { stdout } = await run(['trace', 'req-1', '--type', 'index.started', '--depth', '1']);
    expect(stdout).toContain('indexRepository');
    expect(stdout).not.toContain('index.completed');
    expect(stdout).toMatch(/hidden/);
  });

  it('writes to a file with -o', async () => {
    const { cwd, run } = await withLog('req-1');
    const printed = (await run(['trace', 'req-1'])).stdout;
    expect(await run(['trace', 'req-1', '-o', 'out.txt', '--color', 'always'])).toMatchObject({ stdout: '', code: 0 });
    expect(readFileSync(join(cwd, 'out.txt'), 'utf8')).toBe(printed);
  });

  it('counts the lines it cannot use, on standard error', async () => {
    const { cwd, run } = await withLog('req-1');
    appendFileSync(join(cwd, 'logs/cf-bus.log'), '"req-1" is not JSON\n{"msg":"req-1","id":"req-1"}\n');
    const { stderr, code } = await run(['trace', 'req-1']);
    expect({ stderr, code }).toEqual({
      stderr: 'Lines passed over: 1 of another program, 1 that are no JSON\n',
      code: 0,
    });
  });
});

describe('a trace that is not there', () => {
  it('ends with 1, and says which log was read and what is near', async () => {
    const { run } = await withLog('req-12345', 'req-2');
    const { stdout, stderr, code } = await run(['trace', 'req-12354']);
    expect({ stdout, code }).toEqual({ stdout: '', code: 1 });
    expect(stderr).toMatch(
      /^cf-bus: no trace "req-12354" in logs\/cf-bus\.log \(\d+ lines\)\n {2}did you mean "req-12345"\?\n$/,
    );
    expect((await run(['trace', 'zzz'])).stderr).toContain('the newest there: req-2 (index.started), req-12345');
  });

  it('names the fields that hold the id as something else', async () => {
    const { cwd, run } = await withLog('req-1');
    const eventId = /"event_id":"([^"]+)"/.exec(readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8'))?.[1] ?? '';
    const { stderr, code } = await run(['trace', eventId]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/it is no trace id there, but a value of event_id.*; its trace: cf-bus trace req-1\n$/);
  });

  it.each([
    [['trace', 'req-1'], 2, /and there is no log logs\/cf-bus\.log\n {2}start one: cf-bus run SCENARIO/],
    [['trace', 'req-1', 'no/*.log'], 2, /^cf-bus: no file matches no\/\*\.log\n$/],
    [['trace', 'req-1', '.'], 2, /directory/],
    [['trace'], 2, /^cf-bus: which trace\? give its id\n {2}cf-bus trace --list shows them/],
    [['trace', '--latest', '-'], 2, /standard input/],
    [
      ['trace', 'req-1', '--format', 'xml'],
      2,
      /Allowed choices are tree, waterfall, log, json, mermaid, otlp, perfetto, html, csv/,
    ],
  ])('answers %j with exit code %i', async (args, expected, message) => {
    const { stdout, stderr, code } = await cfBus(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: expected });
    expect(stderr).toMatch(message);
  });
});

describe('cf-bus stats', () => {
  it("gives the guide's statistics of a log as JSON", async () => {
    const { run } = await withLog('req-1', 'req-2', 'broken-1');
    const { stdout, code } = await run(['stats', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      total_event_types: 2,
      total_subscribers: 2,
      event_counts: { 'index.started': 2, 'index.completed': 2, 'index.failed': 1 },
      error_counts: { 'index.failed': 1 },
    });
  });

  it('shows people two tables: event types, and subscribers with percentiles', async () => {
    const { run } = await withLog('req-1', 'broken-1');
    const { stdout } = await run(['stats', '--log', 'logs/cf-bus.log']);
    expect(stdout).toMatch(/EVENT TYPE +PUBLISHED +ERRORS\n/);
    expect(stdout).toMatch(/index\.failed +1 +1\n/);
    expect(stdout).toMatch(/SUBSCRIBER +SUBSCRIBES TO +DELIVERED +ERRORS .*P50 +P95 +P99\n/);
    expect(stdout).toMatch(/giveUp +index\.failed +0 +1 /);
  });

  it('names an older part of the log that cannot be read, as trace does', async () => {
    const { cwd, run } = await withLog('req-1');
    symlinkSync('nowhere', join(cwd, 'logs/cf-bus.log.1'));
    const stderr = 'Left out: cannot read logs/cf-bus.log.1: there is no such file\n';
    expect(await run(['stats', '--log', 'logs/cf-bus.log'])).toMatchObject({ code: 0, stderr });
    expect(await run(['trace', 'req-1'])).toMatchObject({ code: 0, stderr });
  });

  it('says what to do where there is neither a session nor a log', async () => {
    expect(await cfBus(['stats'])).toMatchObject({
      code: 2,
      stderr:
        'cf-bus: no session was started in this directory, and there is no log logs/cf-bus.log\n  start one: cf-bus run SCENARIO, or name a log: --log FILE\n',
    });
  });
});
