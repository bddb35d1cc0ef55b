import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliOptions, cfBus, startCfBus, tempDir } from '../support/cli.js';

const SCENARIO = `version: 1
name: Shop
seed: 1
services:
  payments:
    handlers:
      charge:
        subscribe: order.placed
        delay: 5ms
        publish: [{ type: order.paid, payload: { amount: "{{ event.payload.amount }}" } }]
      refuse: { subscribe: order.broken, faults: [{ type: error, message: no money }] }
      dawdle: { subscribe: order.slow, delay: 1h }
`;

/** A folder with the scenario, and a way to run commands in it. */
function shop() {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'shop.yaml'), SCENARIO);
  const run = (args: readonly string[], options: CliOptions = {}) => cfBus(args, { cwd, ...options });
  return { cwd, run };
}

/** The same with a session that runs there. */
async function openShop(...more: readonly string[]) {
  const { cwd, run } = shop();
  const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay', ...more], { cwd });
  await session.waitFor(/stays up/, 'stderr');
  return { cwd, run, session };
}

describe('publish into a running session', () => {
  it('prints the tree of what the event caused, with its handlers and what they published', async () => {
    const { run } = await openShop();
    const args = ['publish', 'order.placed', '--payload', '{"amount": 5}', '--trace-id', 'req-12345'];
    const { stdout, stderr, code } = await run(args);
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    expect(stdout).toMatch(/^req-12345 {2}OK in \d/);
    expect(stdout).toMatch(/order\.placed.*\n.*payments\.charge.*\n.*order\.paid/);
  });

  it('gives programs one stable JSON object', async () => {
    const { run } = await openShop();
    const { stdout } = await run(['publish', 'order.placed', '--set', 'amount=5', '--json']);
    const answer = JSON.parse(stdout);
    expect(Object.keys(answer)).toEqual(['event_id', 'trace_id', 'session', 'settled', 'failed', 'tree']);
    expect(answer).toMatchObject({ settled: true, failed: 0, tree: { outcome: 'ok', roots: [answer.event_id] } });
  });

  it('has put the event into the log, where trace finds it from another process', async () => {
    const { run } = await openShop();
    await run(['publish', 'order.placed', '--set', 'amount=5', '--trace-id', 'req-12345']);
    const { stdout, code } = await run(['trace', 'req-12345']);
    expect(code).toBe(0);
    expect(stdout).toContain('payments.charge');
  });

  it('ends with 1 when a handler failed, and shows the error', async () => {
    const { run } = await openShop();
    const { stdout, code } = await run(['publish', 'order.broken']);
    expect(code).toBe(1);
    expect(stdout).toContain('no money');
  });

  it('ends with 3 when it has not settled within --timeout', async () => {
    const { run } = await openShop();
    const { stdout, stderr, code } = await run(['publish', 'order.slow', '--timeout', '50ms', '--trace-id', 'slow-1']);
    expect(code).toBe(3);
    expect(stdout).toContain('payments.dawdle');
    expect(stderr).toBe('It goes on: later, cf-bus trace slow-1\n');
  });

  it('does not wait with --no-wait', async () => {
    const { run } = await openShop();
    const { stdout, code } = await run(['publish', 'order.slow', '--no-wait', '--trace-id', 'slow-1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^evt-\S+ {2}trace slow-1\n$/);
  });

  it('takes an event that nobody subscribes to, and says so', async () => {
    const { run } = await openShop();
    const { stderr, code } = await run(['publish', 'index.updatd']);
    expect({ stderr, code }).toEqual({
      stderr: 'Nobody subscribes to index.updatd; did you mean index.updated?\n',
      code: 0,
    });
  });

  it('publishes many with --count, one line each', async () => {
    const { run } = await openShop();
    const { stdout, stderr, code } = await run([
      'publish',
      'order.placed',
      '--set',
      'amount=5',
      '--count',
      '3',
      '--rate',
      '100',
    ]);
    expect({ stderr, code }).toEqual({ stderr: '3 published, 3 ok\n', code: 0 });
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });

  it('knows sessions by name, lists them, and stops them in good order', async () => {
    const { cwd, run, session } = await openShop('--session', 'till');
    const { stdout } = await run(['sessions', '--json']);
    expect(JSON.parse(stdout)).toEqual([
      {
        name: 'till',
        pid: session.pid,
        cwd,
        socket: expect.stringContaining(cwd),
        started: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        log: join(cwd, 'logs/cf-bus.log'),
      },
    ]);
    expect((await run(['publish', 'order.placed', '--session', 'till', '--set', 'amount=1'])).code).toBe(0);
    expect(await run(['publish', 'order.placed', '--session', 'tilt'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^cf-bus: there is no session "tilt"; did you mean "till"\?\n {2}running: till /),
    });
    expect(await run(['stop', 'till'])).toMatchObject({ code: 0, stderr: 'Session till has ended.\n' });
    expect((await session.result).code).toBe(0);
    expect((await run(['sessions', '--json'])).stdout).toBe('[]\n');
  });

  it('asks which one is meant where two run', async () => {
    const { cwd, run } = await openShop();
    const second = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
    await second.waitFor(/stays up/, 'stderr');
    const { stderr, code } = await run(['publish', 'order.placed']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^cf-bus: 2 sessions could be meant: shop .*shop-2 .*\n {2}choose one: --session shop/);
  });
});

describe('publish without a session', () => {
  it('uses a bus of its own with the services of a scenario, says so, and logs for trace', async () => {
    const { run } = shop();
    const args = ['publish', 'order.placed', '--scenario', 'shop.yaml', '--set', 'amount=5', '--trace-id', 'req-1'];
    const { stdout, stderr, code } = await run(args);
    expect({ stderr, code }).toEqual({ stderr: 'Publishing into a bus of its own (scenario Shop)\n', code: 0 });
    expect(stdout).toContain('order.paid');
    expect((await run(['trace', 'req-1'])).stdout).toBe(stdout);
  });

  it("has a handler for each of the guide's event types without a scenario", async () => {
    const { run } = shop();
    const payload = '{"repo_path": "/path/to/repo", "files_indexed": 150, "chunks_created": 1200}';
    const { stdout, stderr, code } = await run(['publish', 'index.updated', '--payload', payload]);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^No session runs in this directory: publishing into a bus of its own/);
    expect(stdout).toContain('1 delivery');
  });

  it('ends with the signal that came, its log whole', async () => {
    const { cwd } = shop();
    const running = startCfBus(['publish', 'order.slow', '--scenario', 'shop.yaml'], { cwd });
    await running.waitFor(/of its own/, 'stderr');
    const log = join(cwd, 'logs/cf-bus.log');
    // The event is in the log before anything is waited for.
    for (;;) {
      const text = tryRead(log);
      if (text.includes('event_handler_start')) break;
      await new Promise((resolve) => setImmediate(resolve));
    }
    running.kill('SIGTERM');
    expect((await running.result).code).toBe(143);
    const lines = tryRead(log).trimEnd().split('\n');
    expect(JSON.parse(lines.at(-1) ?? '').event).toBe('session_stopped');
  });
});

function tryRead(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

describe('the payload', () => {
  const sent = async (args: readonly string[], options: CliOptions = {}) => {
    const { run } = shop();
    return run(['publish', 'order.placed', '--scenario', 'shop.yaml', '--json', ...args], options);
  };
  const keys = async (args: readonly string[], options: CliOptions = {}) =>
    JSON.parse((await sent(args, options)).stdout).tree.events[0].payload_keys;

  it('comes from the argument, a file, or standard input', async () => {
    expect(await keys(['--payload', '{"amount": 1}'])).toEqual(['amount']);
    expect(await keys(['--payload', '-'], { stdin: '{"amount": 1, "b": 2}' })).toEqual(['amount', 'b']);
    expect(await keys(['--payload'], { stdin: '{"amount": 1, "c": 2}' })).toEqual(['amount', 'c']);
    const cwd = tempDir();
    writeFileSync(join(cwd, 'shop.yaml'), SCENARIO);
    writeFileSync(join(cwd, 'p.json'), '{"amount": 1, "d": 2}');
    expect(await keys(['--payload', '@p.json'], { cwd })).toEqual(['amount', 'd']);
  });

  it('comes from a pipe, and with a byte order mark', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'shop.yaml'), SCENARIO);
    execFileSync('mkfifo', [join(cwd, 'pipe')]);
    const writer = spawn('sh', ['-c', 'cat > "$0"', join(cwd, 'pipe')], { stdio: ['pipe', 'ignore', 'ignore'] });
    writer.stdin.end('\ufeff{"amount": 1, "e": 2}');
    expect(await keys(['--payload', '@pipe'], { cwd })).toEqual(['amount', 'e']);
  });

  it('that is not UTF-8 is refused: other characters would be published', async () => {
    const cwd = tempDir();
    writeFileSync(join(cwd, 'shop.yaml'), SCENARIO);
    writeFileSync(join(cwd, 'latin.json'), Buffer.from('{"name": "Zoë"}', 'latin1'));
    const { stderr, code } = await sent(['--payload', '@latin.json'], { cwd });
    expect({ stderr, code }).toEqual({ stderr: expect.stringMatching(/latin\.json is not UTF-8\n$/), code: 2 });
  });

  it('takes single keys from --set, over those of --payload', async () => {
    expect(await keys(['--payload', '{"amount": 1}', '--set', 'who.name=Ann', '--set', 'who.age=7'])).toEqual([
      'amount',
      'who',
    ]);
  });

  it.each([
    ['{"a": 1, "b": }', 'line 1, column 15: expected a value'],
    ['{"a": 1 "b": 2}', 'line 1, column 9: expected a comma or }'],
    ['{a: 1}', 'line 1, column 2: expected a key in double quotes, or }'],
    ['{"a": 1,}', 'line 1, column 9: expected a key in double quotes'],
    ["{'a': 1}", 'line 1, column 2: expected a key in double quotes, or }'],
    ['{"a": "x}', 'line 1, column 10: expected the end of a string, "'],
    ['{"a": "\\q"}', 'line 1, column 8: expected a valid escape or character in a string'],
    ['{"a": [1, 2}', 'line 1, column 12: expected a comma or ]'],
    ['{"a": 1}}', 'line 1, column 9: expected nothing more'],
    ['{\n  "a": 01\n}', 'line 2, column 8: expected a value'],
    ['nope', 'line 1, column 1: expected a value'],
    ['{"a": 1', 'line 1, column 8: expected a comma or }'],
  ])('that is not JSON is shown where it is wrong: %s', async (text, place) => {
    const { stderr, code } = await sent(['--payload', text]);
    expect(code).toBe(2);
    expect(stderr).toContain(`cf-bus: --payload is not JSON: ${place}\n`);
  });

  it.each([
    [['--payload', '[1]'], /^cf-bus: a payload is a JSON object, not an array\n {2}example: /],
    [['--payload', 'null'], /^cf-bus: a payload is a JSON object, not null\n/],
    [['--payload', `${'{"a":'.repeat(65)}1${'}'.repeat(65)}`], /deeper than 64 levels, at \$\.a\.a/],
    [['--payload', '@missing.json'], /missing\.json: no such file or directory\n$/],
    [['--payload', ''], /^cf-bus: --payload is empty\n {2}example: /],
    [['--payload', '-'], /^cf-bus: standard input is empty\n {2}example: /],
    [['--payload', '@/dev/zero'], /^cf-bus: cannot read \/dev\/zero: it is neither a file nor a pipe\n$/],
    [['--payload', '@.'], /^cf-bus: cannot read .*: it is a directory\n$/],
    [['--payload', '{"a": [1e999]}'], /^cf-bus: \$\.a\[0\] is Infinity, which JSON cannot hold\n$/],
    [['--set', 'amount'], /^cf-bus: --set takes key=value, not "amount"\n/],
    [['--set', '__proto__.x=1'], /^cf-bus: --set cannot set the key "__proto__"\n$/],
    [['--set', 'a=1', '--set', 'a.b=2'], /^cf-bus: --set a\.b: a is not an object\n$/],
  ])('that cannot be is refused with exit code 2: %j', async (args, message) => {
    const { stdout, stderr, code } = await sent(args);
    expect({ stdout, code }).toEqual({ stdout: '', code: 2 });
    expect(stderr).toMatch(message);
  });

  it('over 256 KiB is refused, however it comes', async () => {
    const big = JSON.stringify({ text: 'x'.repeat(300 * 1024) });
    const refused = { code: 2, stderr: expect.stringMatching(/^cf-bus: the payload has \d+ bytes; at most 262144/) };
    expect(await sent(['--payload', '-'], { stdin: big })).toMatchObject(refused);
    const cwd = tempDir();
    mkdirSync(join(cwd, 'logs'));
    writeFileSync(join(cwd, 'big.json'), big);
    expect(await sent(['--payload', '@big.json'], { cwd })).toMatchObject(refused);
  });
});
