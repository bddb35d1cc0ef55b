import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cfBus, ROOT, tempDir } from '../support/cli.js';

const SCENARIOS = readdirSync(join(ROOT, 'scenarios')).map((name) => join(ROOT, 'scenarios', name));

const FAILING = `version: 1
name: Failing
services:
  shop: { handlers: { take: { subscribe: order.placed, delay: 30ms, publish: { type: order.taken } } } }
requests:
  - { name: buy, trace_id: "order-{{ sequence }}", flow: [{ publish: { type: order.placed } }] }
expect:
  - { event: order.taken, after: order.placed, within: 10ms }
  - { never: order.lost }
`;

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = tempDir();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

describe('check', () => {
  it('passes every shipped scenario, a line each, and leaves no log behind', async () => {
    const cwd = tempDir();
    const { stdout, code } = await cfBus(['check', ...SCENARIOS], { cwd, timeout: 60_000 });
    expect(code).toBe(0);
    expect(stdout.split('\n').filter((line) => line.startsWith('✓'))).toHaveLength(SCENARIOS.length);
    expect(stdout).toContain(`${SCENARIOS.length} passed, 0 failed`);
    expect(existsSync(join(cwd, 'logs'))).toBe(false);
  });

  it('says which trace failed and why, and its command traces it', async () => {
    const cwd = folderWith({ 'failing.yaml': FAILING });
    const { stdout, code } = await cfBus(['check', 'failing.yaml'], { cwd });
    expect(code).toBe(1);
    const command = /cf-bus (trace .*)/.exec(stdout)?.[1]?.split(' ') ?? [];
    expect(command).toEqual(['trace', 'order-1', '--log', 'logs/check/failing-1.log']);
    const trace = await cfBus(command, { cwd });
    expect(trace.code).toBe(0);
    expect(trace.stdout).toContain('shop.take');
    const again = /again: cf-bus (.*)/.exec(stdout)?.[1]?.split(' ') ?? [];
    const run = await cfBus(again, { cwd });
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('order.taken after order.placed within 10ms');
  });

  it('finds the seed of a rare bug, and the command that shows it again', async () => {
    const cwd = tempDir();
    const race = join(ROOT, 'scenarios/race.yaml');
    const { stdout, code } = await cfBus(['check', race, '--seeds', '1..500'], { cwd, timeout: 60_000 });
    expect(code).toBe(1);
    const seed = /--seed (\d+)/.exec(stdout)?.[1] ?? '';
    expect((await cfBus(['check', race, '--seed', seed], { cwd })).code).toBe(1);
    expect((await cfBus(['check', race], { cwd })).code).toBe(0);
  });

  it('prints stable JSON', async () => {
    const cwd = folderWith({ 'failing.yaml': FAILING });
    const { stdout, code } = await cfBus(['check', 'failing.yaml', '--json'], { cwd });
    expect(code).toBe(1);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      passed: false,
      scenarios: [{ file: 'failing.yaml', name: 'Failing', passed: false, seed: 1, seeds_tried: 1, events: 2 }],
    });
    expect(report.scenarios[0].expectations).toMatchObject([
      { verdict: 'failed', traces: ['order-1'], trace_count: 1 },
      { expectation: 'never order.lost', verdict: 'passed' },
    ]);
  });

  it('writes a JUnit report that says what failed', async () => {
    const cwd = folderWith({ 'failing.yaml': FAILING, 'bad.yaml': 'version: 1\nservces: {}\n' });
    const { code } = await cfBus(['check', 'failing.yaml', 'bad.yaml', '--junit', 'report.xml'], { cwd });
    expect(code).toBe(2);
    const xml = readFileSync(join(cwd, 'report.xml'), 'utf8');
    expect(xml).toMatch(
      /^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites name="cf-bus check" tests="4" failures="2">/,
    );
    expect(xml).toMatch(/<testsuite name="failing\.yaml" tests="3" failures="1" skipped="0"/);
    expect(xml).toContain('first in trace order-1');
    expect(xml).toContain('servces');
  });

  it('goes on after an invalid scenario, and exits with 2', async () => {
    const cwd = folderWith({ 'bad.yaml': 'version: 1\nservces: {}\n', 'failing.yaml': FAILING });
    const { stdout, code } = await cfBus(['check', 'bad.yaml', 'failing.yaml', 'missing.yaml'], { cwd });
    expect(code).toBe(2);
    expect(stdout).toContain('bad.yaml:2:1');
    expect(stdout).toContain('did you mean `services`');
    expect(stdout).toContain('0 passed, 3 failed');
  });

  it.each([
    [['check'], 'missing required argument'],
    [['check', 'x.yaml', '--seeds', '5..1'], 'Seeds look like 1..500'],
    [['check', 'x.yaml', '--seeds', '1..5', '--seed', '3'], 'cannot be used with'],
    [['check', 'hello', '--set', 'nonsense'], '--set takes name=value'],
    [['check', 'hello', '--set', 'rep=1'], 'rep'],
  ])('refuses %j', async (args, message) => {
    const { stderr, stdout, code } = await cfBus(args);
    expect(stderr + stdout).toContain(message);
    expect(code).toBe(2);
  });
});

describe('a run in virtual time', () => {
  async function logOf(env: Readonly<Record<string, string>>, seed = '42'): Promise<string> {
    const cwd = tempDir();
    const scenario = join(ROOT, 'scenarios/failures.yaml');
    await cfBus(['run', scenario, '--virtual', '--seed', seed, '--log', 'v.log'], { cwd, env });
    return readFileSync(join(cwd, 'v.log'), 'utf8');
  }

  it('gives a byte-identical log for the same seed, whatever the time zone and the language', async () => {
    const [first, second, other] = await Promise.all([
      logOf({ TZ: 'UTC', LANG: 'C' }),
      logOf({ TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }),
      logOf({}, '43'),
    ]);
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(first.split('\n').length).toBeGreaterThan(300);
    expect(hash(second)).toBe(hash(first));
    expect(hash(other)).not.toBe(hash(first));
  });

  it.each([['--watch'], ['--stay'], ['--speed', '2'], ['--session', 'x']])('refuses %s %s', async (...option) => {
    const { stderr, code } = await cfBus(['run', 'hello', '--virtual', ...option]);
    expect(stderr).toContain(`${option[0]} cannot go with --virtual`);
    expect(code).toBe(2);
  });

  it('prints its records as JSON, the same as in the log', async () => {
    const cwd = tempDir();
    const { stdout } = await cfBus(['run', 'hello', '--virtual', '--json', '--log', 'v.log'], { cwd });
    expect(stdout).toBe(readFileSync(join(cwd, 'v.log'), 'utf8'));
  });

  it('stops a scenario that triggers itself, and names the cycle', async () => {
    const loop = `version: 1
services:
  a: { handlers: { ping: { subscribe: ping, publish: { type: pong } } } }
  b: { handlers: { pong: { subscribe: pong, publish: { type: ping } } } }
requests: [{ name: go, flow: [{ publish: { type: ping } }] }]
`;
    const cwd = folderWith({ 'loop.yaml': loop });
    const { stdout, code } = await cfBus(['run', 'loop.yaml', '--virtual'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/STOPPED: .*ping → pong → ping|STOPPED: .*pong → ping → pong/);
  });
});

describe('capture', () => {
  it('turns a logged request into a scenario that passes check', async () => {
    const cwd = tempDir();
    const scenario = join(ROOT, 'scenarios/rag-query.yaml');
    await cfBus(['run', scenario, '--virtual', '--log-payloads'], { cwd });
    const listed = await cfBus(['trace', '--list', '--format', 'json'], { cwd });
    const traces: readonly { readonly trace_id: string }[] = JSON.parse(listed.stdout);
    expect(traces.length).toBeGreaterThan(10);
    for (const { trace_id } of traces.slice(0, 6)) {
      const captured = await cfBus(['capture', trace_id, '-o', `${trace_id}.yaml`], { cwd });
      expect(captured.code).toBe(0);
      expect((await cfBus(['check', `${trace_id}.yaml`], { cwd })).code).toBe(0);
    }
  }, 60_000);

  it('writes over nothing unless told to', async () => {
    const cwd = folderWith({ 'mine.yaml': 'precious' });
    await cfBus(['run', 'hello', '--virtual'], { cwd });
    const { stderr, code } = await cfBus(['capture', 'hello-1', '-o', 'mine.yaml'], { cwd });
    expect(stderr).toContain('exists already');
    expect(code).toBe(2);
    expect(readFileSync(join(cwd, 'mine.yaml'), 'utf8')).toBe('precious');
    expect((await cfBus(['capture', 'hello-1', '-o', 'mine.yaml', '--force'], { cwd })).code).toBe(0);
  });

  it('answers an unknown trace with 1 and the nearest id', async () => {
    const cwd = tempDir();
    await cfBus(['run', 'hello', '--virtual'], { cwd });
    const { stderr, code } = await cfBus(['capture', 'hello-7'], { cwd });
    expect(stderr).toContain('did you mean hello-1');
    expect(code).toBe(1);
  });
});
