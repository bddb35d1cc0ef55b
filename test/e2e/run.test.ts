import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pty } from '../dashboard/support/pty.js';
import { BIN, cfBus, ROOT, startCfBus, tempDir } from '../support/cli.js';

const SHOP = `version: 1
name: Shop
seed: 1
variables: { amount: 5 }
services:
  payments:
    handlers:
      charge: { subscribe: order.placed, delay: 5ms, publish: { type: order.paid, payload: { amount: "{{ variables.amount }}" } } }
      refuse: { subscribe: order.broken, faults: { type: error, message: no money } }
requests:
  - { name: buy, source: web, trace_id: "order-{{ sequence }}", flow: [{ publish: { type: order.placed } }, { publish: { type: order.broken } }] }
`;

function shop(text = SHOP): string {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'shop.yaml'), text);
  return cwd;
}

function recordsIn(cwd: string, file = 'logs/cf-bus.log'): readonly Record<string, unknown>[] {
  const lines = readFileSync(join(cwd, file), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('run without a dashboard', () => {
  it('prints a readable line for what happens, errors in words, and a summary with the commands to type next', async () => {
    const { stdout, stderr, code } = await cfBus(['run', 'shop.yaml'], { cwd: shop() });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^Shop {2}2 handlers in 1 service, seed 1, session shop, log logs\/cf-bus\.log\n$/);
    expect(stdout).toMatch(/● {2}web +order\.placed +order-1 +→ 1 subscriber/);
    expect(stdout).toMatch(/✓ {2}payments +charge ← order\.placed +order-1 +\d/);
    expect(stdout).toMatch(/✗ {2}payments +refuse ← order\.broken +order-1 +ERR no money \(attempt 1, given up/);
    expect(stdout).toMatch(/3 events, 2 deliveries, 1 error, 1 failed for good/);
    expect(stdout).toMatch(/payments\.charge +1 +- +- +\d/);
    expect(stdout).toMatch(/order-1 .* cf-bus trace order-1$/m);
  });

  it('prints its records with --json, exactly as they are in the log, and nothing else', async () => {
    const cwd = shop();
    const { stdout } = await cfBus(['run', 'shop.yaml', '--json'], { cwd });
    expect(stdout).toBe(readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8'));
    expect(recordsIn(cwd).map(({ event }) => event)).toEqual(
      expect.arrayContaining(['session_started', 'event_published', 'event_handler_error', 'session_stopped']),
    );
  });

  it('draws with ASCII alone where asked to', async () => {
    const { stdout } = await cfBus(['run', 'shop.yaml', '--ascii'], { cwd: shop() });
    expect(stdout).toMatch(/^[\n\u0020-\u007e]*$/);
  });

  it('lists the shipped scenarios when none is named, and runs one by its name', async () => {
    const { stdout, code } = await cfBus(['run']);
    expect(code).toBe(0);
    for (const file of readdirSync(join(ROOT, 'scenarios'))) expect(stdout).toContain(file.replace('.yaml', ''));
    expect((await cfBus(['run', 'hello'])).code).toBe(0);
  });

  it.each(['hello', 'index-pipeline', 'rag-query', 'failures', 'load', 'backpressure', 'race'])(
    'runs the shipped %s at ten times the speed',
    async (name) => {
      const { stderr, stdout, code } = await cfBus(['run', name, '--speed', '10'], { timeout: 30_000 });
      expect(stderr).not.toContain('cf-bus:');
      expect(stdout).toContain('ended after');
      // At this speed a busy machine may miss an expectation about time; a run that fails otherwise gives 2 or more.
      expect([0, 1]).toContain(code);
    },
  );

  it('takes variables, a duration and no log', async () => {
    const text = SHOP.replace('requests:', 'phases: [{ duration: 60s, arrival_rate: 50 }]\nrequests:');
    const cwd = shop(text);
    const args = [
      'run',
      'shop.yaml',
      '--set',
      'amount=7',
      '--duration',
      '300ms',
      '--log',
      'off',
      '--json',
      '--log-payloads',
    ];
    const { stdout, code } = await cfBus(args, { cwd });
    expect(code).toBe(0);
    expect(stdout).toContain('"payload":{"amount":7}');
    expect(existsSync(join(cwd, 'logs'))).toBe(false);
  });

  it('keeps what is to be redacted out of the log', async () => {
    const cwd = shop(
      SHOP.replace('{ variables.amount }', '{ variables.amount }').replace(
        'payload: { amount:',
        'payload: { card: "4111", amount:',
      ),
    );
    await cfBus(['run', 'shop.yaml', '--log-payloads', '--redact', 'card'], { cwd });
    const log = readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8');
    expect(log).not.toContain('4111');
    expect(log).toContain('"card":"[Redacted]"');
  });

  it('abandons what has not ended when the time to drain is over, lists it, and exits with 1', async () => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'delay: 1h'));
    const { stdout, code } = await cfBus(['run', 'shop.yaml', '--drain', '200ms'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/ABANDONED: .*\n {2}1 payments\.charge \(abandoned\)/);
  });

  it('exits with 1 and the failing trace where an expectation fails', async () => {
    const cwd = shop(`${SHOP}expect: [{ never: order.paid }]\n`);
    const { stdout, code } = await cfBus(['run', 'shop.yaml'], { cwd });
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ never order\.paid.*\n.*cf-bus trace order-1/);
  });
});

describe('a run that ends by a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGQUIT', 131],
  ] as const)('%s: drains, prints the summary, removes the socket, exits with %i', async (signal, expected) => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'delay: 400ms'));
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/order\.broken/);
    running.kill(signal);
    const { stdout, code } = await running.result;
    expect(code).toBe(expected);
    expect(stdout).toMatch(/✓ {2}payments +charge/);
    expect(stdout).toContain('Shop ended after');
    expect(readdirSync(join(cwd, 'cf-bus'))).toEqual([]);
    expect(recordsIn(cwd).at(-1)).toMatchObject({ event: 'session_stopped', reason: 'signal' });
  });

  it('gives what hangs at most five seconds, and names it', async () => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'faults: { type: hang }'));
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/order\.broken/);
    const start = performance.now();
    running.kill('SIGTERM');
    const { stdout, code } = await running.result;
    expect(code).toBe(143);
    expect(performance.now() - start).toBeLessThan(8_000);
    expect(stdout).toContain('1 payments.charge (abandoned)');
  });

  it('leaves at once at the second signal', async () => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'faults: { type: hang }'));
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/order\.broken/);
    const start = performance.now();
    running.kill('SIGINT');
    running.kill('SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    running.kill('SIGINT');
    expect((await running.result).code).toBe(130);
    expect(performance.now() - start).toBeLessThan(3_000);
    expect(readdirSync(join(cwd, 'cf-bus'))).toEqual([]);
  });

  it('takes nothing more from outside, so that what is under way comes to an end', async () => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'delay: 300ms'));
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/stays up/, 'stderr');
    const args = ['publish', 'order.placed', '--count', '1000000', '--no-wait', '--session', 'shop'];
    const publishing = startCfBus(args, { cwd });
    await publishing.waitFor(/\n/);
    running.kill('SIGTERM');
    const refused = await publishing.result;
    expect(refused.stderr).toMatch(/the session is ending and takes no more events\n {2}nothing was published/);
    expect(refused.code).toBe(3);
    const { stdout, code } = await running.result;
    expect(code).toBe(143);
    expect(stdout).not.toContain('ABANDONED');
    expect(recordsIn(cwd).at(-1)).toMatchObject({ event: 'session_stopped', reason: 'signal', abandoned: 0 });
  });

  it('drains when its terminal goes away, however often that is said', async () => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'delay: 400ms'));
    const pty = new Pty(process.execPath, [BIN, 'run', 'shop.yaml', '--no-ui', '--stay'], {
      cwd,
      env: { HOME: cwd, XDG_RUNTIME_DIR: cwd },
    });
    onTestFinished(() => pty.dispose());
    await pty.until(() => /order\.broken/.test(pty.everything()));
    await pty.until(() => {
      pty.signal('SIGHUP');
      return pty.exit;
    });
    // The last signal may come when Node.js has let go of all of them: a shell says 129 then, too.
    const { exitCode = 0, signal = 0 } = pty.exit ?? {};
    expect(signal > 0 ? 128 + signal : exitCode).toBe(129);
    expect(recordsIn(cwd).at(-1)).toMatchObject({ event: 'session_stopped', reason: 'signal', abandoned: 0 });
  });

  it.each([
    ['lines', ['--no-ui'], /order\.broken/],
    ['the dashboard', [], /Subscribers/],
  ])('ends as after SIGHUP where its terminal is gone and nothing else tells so: %s', async (_view, flags, up) => {
    const cwd = shop(SHOP.replace('delay: 5ms', 'delay: 400ms'));
    // The shell lives on, and tells how it ended. Without SIGHUP it learns of the terminal when it writes to it.
    const script = 'trap "" HUP; "$@" 2>err; echo $? >code.tmp; mv code.tmp code';
    const command = [process.execPath, BIN, 'run', 'shop.yaml', '--stay', ...flags];
    const env = { HOME: cwd, XDG_RUNTIME_DIR: cwd };
    const pty = new Pty('/bin/sh', ['-c', script, 'sh', ...command], { cwd, env, columns: 120, rows: 36 });
    onTestFinished(() => pty.dispose());
    await pty.until(() => up.test(pty.everything()));
    pty.hangUp();
    await cfBus(['publish', 'order.placed', '--no-wait'], { cwd });
    await pty.until(() => existsSync(join(cwd, 'code')));
    expect(readFileSync(join(cwd, 'code'), 'utf8')).toBe('129\n');
    expect(readFileSync(join(cwd, 'err'), 'utf8')).not.toMatch(/Assertion|stack/i);
    // A run that ended before the publish came left that to a bus of its own, which logs here, too.
    const [first] = recordsIn(cwd);
    const ofRun = recordsIn(cwd).filter(({ session }) => session === first?.session);
    expect(ofRun.at(-1)).toMatchObject({ event: 'session_stopped', reason: 'signal', abandoned: 0 });
  });
});

describe('cf-bus stop', () => {
  it('ends a session in good order, and the log says that somebody asked', async () => {
    const cwd = shop();
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/stays up/, 'stderr');
    expect((await cfBus(['stop'], { cwd })).code).toBe(0);
    const { stdout, code } = await running.result;
    expect(code).toBe(0);
    expect(stdout).toContain('Shop ended after');
    expect(recordsIn(cwd).at(-1)).toMatchObject({ event: 'session_stopped', reason: 'stopped' });
  });
});

describe('run --watch', () => {
  it('swaps the services when the file is saved; a broken save keeps the old ones and shows why', async () => {
    const cwd = shop();
    const file = join(cwd, 'shop.yaml');
    const running = startCfBus(['run', 'shop.yaml', '--stay', '--watch'], { cwd });
    await running.waitFor(/stays up/, 'stderr');
    writeFileSync(file, SHOP.replace('charge:', 'bill:'));
    await running.waitFor(/Reloaded: 2 handlers/, 'stderr');
    await cfBus(['publish', 'order.placed'], { cwd });
    await running.waitFor(/payments +bill ← order\.placed/);
    writeFileSync(file, SHOP.replace('delay: 5ms', 'delay: 5'));
    await running.waitFor(/write `5ms`|5ms/, 'stderr');
    await running.waitFor(/The services stay as they were/, 'stderr');
    await cfBus(['publish', 'order.placed', '--trace-id', 'after-broken'], { cwd });
    await running.waitFor(/payments +bill ← order\.placed +after-broken/);
    running.kill('SIGTERM');
    expect((await running.result).code).toBe(143);
  });
});

describe('kill -9', () => {
  it('loses no publish that was acknowledged, and the next run and trace work', async () => {
    const cwd = shop();
    const running = startCfBus(['run', 'shop.yaml', '--stay'], { cwd });
    await running.waitFor(/stays up/, 'stderr');
    const acknowledged: string[] = [];
    for (let index = 0; index < 5; index++) {
      const { stdout } = await cfBus(['publish', 'order.placed', '--no-wait', '--json'], { cwd });
      acknowledged.push(JSON.parse(stdout).event_id);
    }
    running.kill('SIGKILL');
    await running.result;
    const published = recordsIn(cwd).filter(({ event }) => event === 'event_published');
    expect(published.map(({ event_id }) => event_id)).toEqual(expect.arrayContaining(acknowledged));
    appendFileSync(join(cwd, 'logs/cf-bus.log'), '{"level":"info","torn');
    expect((await cfBus(['trace', 'order-1'], { cwd })).code).toBe(0);
    expect((await cfBus(['run', 'shop.yaml'], { cwd })).code).toBe(0);
    expect((await cfBus(['sessions', '--json'], { cwd })).stdout.trim()).toBe('[]');
  });
});

describe('a run that cannot begin', () => {
  it.each([
    ['a missing scenario', ['run', 'missing.yaml'], /cf-bus: .*missing\.yaml/],
    ['a directory', ['run', '.'], /cf-bus: \.: a folder, not a scenario file/],
    ['an empty file', ['run', 'empty.yaml'], /cf-bus: .*empty/],
    ['broken YAML', ['run', 'broken.yaml'], /broken\.yaml:\d:\d+: not YAML: /],
    ['an unknown key', ['run', 'typo.yaml'], /typo\.yaml:2:1: .*servics.*did you mean `services`/],
    ['an unknown variable', ['run', 'shop.yaml', '--set', 'amuont=1'], /amuont.*\n?.*amount/],
    ['a bad duration', ['run', 'shop.yaml', '--duration', '5 parsecs'], /500ms, 30s or 1m30s/],
    ['a log that is a directory', ['run', 'shop.yaml', '--log', 'folder'], /folder.*directory/],
    ['a redaction without payloads', ['run', 'shop.yaml', '--redact', 'card'], /--redact needs --log-payloads/],
    ['an unknown option', ['run', 'shop.yaml', '--sped', '2'], /--speed/],
  ])('says what is wrong with %s, on a line or two, and exits with 2', async (_what, args, message) => {
    const cwd = shop();
    writeFileSync(join(cwd, 'empty.yaml'), '');
    writeFileSync(join(cwd, 'broken.yaml'), 'version: 1\nservices: [\n');
    writeFileSync(join(cwd, 'typo.yaml'), 'version: 1\nservics: {}\n');
    mkdirSync(join(cwd, 'folder'));
    const { stderr, code } = await cfBus(args, { cwd });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(code).toBe(2);
  });

  it('refuses the name of a session that runs', async () => {
    const cwd = shop();
    const running = startCfBus(['run', 'shop.yaml', '--stay', '--session', 'mine'], { cwd });
    await running.waitFor(/stays up/, 'stderr');
    const { stderr, code } = await cfBus(['run', 'shop.yaml', '--session', 'mine'], {
      cwd,
      env: { XDG_RUNTIME_DIR: cwd },
    });
    expect(stderr).toContain('mine');
    expect(code).toBe(2);
  });
});
