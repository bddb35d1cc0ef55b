import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Pty } from '../dashboard/support/pty.js';
import { BIN, cfBus, startCfBus, tempDir } from '../support/cli.js';

const SHOP = `version: 1
name: Shop
seed: 1
services:
  payments:
    handlers:
      charge: { subscribe: order.placed, delay: 5ms }
requests:
  - { name: buy, trace_id: "order-{{ sequence }}", flow: [{ publish: { type: order.placed } }] }
`;

function shop(): string {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'shop.yaml'), SHOP);
  return cwd;
}

/** The program on a pseudo-terminal. */
function onTerminal(cwd: string, args: readonly string[]): Pty {
  const command = ['-c', 'cd "$0" && exec "$@"', cwd, process.execPath, BIN, ...args];
  const pty = new Pty('/bin/sh', command, { columns: 120, rows: 40, env: { HOME: cwd, XDG_RUNTIME_DIR: cwd } });
  onTestFinished(() => pty.dispose());
  return pty;
}

async function ended(pty: Pty): Promise<number | undefined> {
  await pty.until(() => pty.exit !== undefined);
  expect(pty.alternate).toBe(false);
  expect(pty.cursorShown).toBe(true);
  return pty.exit?.exitCode;
}

describe('cf-bus dash on a session', () => {
  it('shows what happened before it came, and what others publish since', async () => {
    const cwd = shop();
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    const pty = onTerminal(cwd, ['dash']);
    await pty.sees('order-1');
    await cfBus(['publish', 'order.placed', '--trace-id', 'mine-7'], { cwd });
    await pty.sees('mine-7');
    pty.type('q');
    expect(await ended(pty)).toBe(0);
    // The session lives on.
    expect((await cfBus(['publish', 'order.placed'], { cwd })).code).toBe(0);
  });

  it('stays on what it has when the session ends', async () => {
    const cwd = shop();
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    const pty = onTerminal(cwd, ['dash']);
    await pty.sees('order-1');
    await cfBus(['stop'], { cwd });
    await pty.sees(/ended|stopped/i);
    await pty.sees('order-1');
    pty.type('q');
    expect(await ended(pty)).toBe(0);
  });
});

describe('cf-bus dash on a session that has nothing to do', () => {
  it('shows no rate of what is long past, and how long the session has been up, at its speed', async () => {
    const cwd = shop();
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay', '--speed', '60'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    // Half a minute of its time at least, half a second of ours.
    await expect
      .poll(async () => JSON.parse((await cfBus(['sessions', '--json'], { cwd })).stdout)[0].started, {
        timeout: 9_000,
      })
      .toSatisfy((started: string) => Date.now() - Date.parse(started) > 500);
    const pty = onTerminal(cwd, ['dash']);
    await pty.sees('order-1');
    const [, minutes = '0', seconds = '0'] = /up (?:(\d+)m )?(\d+)s/.exec(pty.screen()) ?? [];
    expect(Number(minutes) * 60 + Number(seconds)).toBeGreaterThanOrEqual(30);
    expect(pty.screen()).toMatch(/^ +0 events\/s/m);
  });

  it('says that its traffic is over, as the session’s own dashboard does', async () => {
    const cwd = shop();
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    await onTerminal(cwd, ['dash']).sees('TRAFFIC OVER');
  });
});

describe('cf-bus dash on a session, by hand', () => {
  async function watched(): Promise<{ readonly cwd: string; readonly pty: Pty }> {
    const cwd = shop();
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
    await session.waitFor(/stays up/, 'stderr');
    const payload = ['--payload', '{"item": "tea", "count": 3}'];
    await cfBus(['publish', 'order.placed', '--trace-id', 'mine-1', ...payload], { cwd });
    await cfBus(['publish', 'order.placed', '--trace-id', 'mine-2', '--payload', '{"item": "milk"}'], { cwd });
    const pty = onTerminal(cwd, ['dash']);
    await pty.sees('mine-2');
    return { cwd, pty };
  }

  it('counts every event once: those of the log, those since, and none twice', async () => {
    const { cwd, pty } = await watched();
    await cfBus(['publish', 'order.placed', '--count', '40'], { cwd });
    await pty.sees(/\b43 events\b/);
    await pty.sees(/\b5 Log 1\d\d\b/);
    expect(pty.screen()).not.toContain('left out');
  });

  it('that joins in a flood shows every record once, those it was too slow to be sent, too', async () => {
    const cwd = tempDir();
    const phases = 'phases:\n  - { arrival_count: 6000, duration: 3s }\n';
    writeFileSync(join(cwd, 'shop.yaml'), `${SHOP}${phases}`);
    const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--json', '--stay'], { cwd });
    await session.waitFor(/order-500"/);
    const pty = onTerminal(cwd, ['dash']);
    await session.waitFor(/stays up/, 'stderr');
    await pty.sees(/\b6000 events\b/);
    await pty.sees(/payments +charge +0 +0 +6000 /);
    expect(pty.screen()).not.toContain('did not reach this view');
  });

  it('publishes an event again with what it carried, though the log does not hold it', async () => {
    const { pty } = await watched();
    pty.type('/trace:mine-1 event:published\r');
    await pty.sees(/1 of \d+/);
    pty.type('r');
    await pty.sees('publish order.placed {"item":"tea","count":3}');
    pty.type('\r');
    await pty.sees(/published evt-\S+ - trace/);
  });

  it('completes a type with what its last event carried', async () => {
    const { pty } = await watched();
    pty.type('porder.p\t');
    await pty.sees('publish order.placed {"item":"milk"}');
  });

  it('changes the speed, and the record of it is in the session’s log', async () => {
    const { cwd, pty } = await watched();
    await pty.sees('real x1');
    pty.type('+');
    await pty.sees('real x2');
    pty.type('++-');
    await pty.sees('real x4');
    const log = readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8');
    expect(log).toMatch(/"action":"speed","target":"4","by":"cf-bus dash"/);
  });
});

it('writes to the log by how much a subscriber was slowed down by hand', async () => {
  const cwd = shop();
  const pty = onTerminal(cwd, ['run', 'shop.yaml']);
  await pty.sees('TRAFFIC OVER');
  pty.type('2d\u0015350ms\r');
  await pty.sees(/! slow +payments +charge/);
  pty.type('d');
  await pty.sees(/✓ ok +payments +charge/);
  const log = readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8');
  expect(log).toMatch(/"action":"fault slow on 350ms","target":"payments.charge","by":"dashboard"/);
});

describe('cf-bus dash on a log', () => {
  it('shows the newest run of it, and says below the prompt that there are others', async () => {
    const cwd = shop();
    await cfBus(['run', 'shop.yaml'], { cwd });
    await cfBus(['run', 'shop.yaml'], { cwd });
    const pty = onTerminal(cwd, ['dash', 'logs/cf-bus.log']);
    await pty.sees('order-1');
    pty.type('q');
    expect(await ended(pty)).toBe(0);
    expect(pty.everything()).toContain('1 other run in logs/cf-bus.log: --session ID');
  });

  it('says of a log of level info that it does not tell of deliveries, and shows none as waiting', async () => {
    const cwd = shop();
    await cfBus(['run', 'shop.yaml'], { cwd });
    const lines = readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8').split('\n');
    writeFileSync(join(cwd, 'info.log'), lines.filter((line) => !line.includes('"level":"debug"')).join('\n'));
    const pty = onTerminal(cwd, ['dash', 'info.log']);
    await pty.sees(/✓ order-1 /);
    expect(pty.screen()).toContain('deliveries not logged');
    expect(pty.screen()).toMatch(/✓ ok +payments +charge +- +- +- +0 +0 +- /);
  });

  it('ends with 130 after Ctrl-C', async () => {
    const cwd = shop();
    await cfBus(['run', 'shop.yaml'], { cwd });
    const pty = onTerminal(cwd, ['dash', 'logs/cf-bus.log']);
    await pty.sees('order-1');
    pty.type('\u0003');
    expect(await ended(pty)).toBe(130);
  });
});

const JUDGED = `${SHOP}expect:
  - { never: order.lost }
  - { event: order.placed, count: { min: 3 } }
`;

it('shows how the expectations of a session in another process stand', async () => {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'shop.yaml'), JUDGED);
  const session = startCfBus(['run', 'shop.yaml', '--no-ui', '--stay'], { cwd });
  await session.waitFor(/stays up/, 'stderr');
  const pty = onTerminal(cwd, ['dash']);
  await pty.sees(/never order\.lost/);
  await cfBus(['publish', 'order.lost'], { cwd });
  await pty.sees(/expectation failed: never order\.lost/);
});

describe('cf-bus run on a terminal', () => {
  it('shows all records from the first on, also where no log is written', async () => {
    const cwd = shop();
    const pty = onTerminal(cwd, ['run', 'shop.yaml', '--log', 'off', '--session', 'unlogged']);
    await pty.sees(/session \S+ started: Shop/);
    await pty.sees('charge subscribes to order.placed');
    await cfBus(['publish', 'order.placed', '--session', 'unlogged', '--count', '20'], { cwd });
    await pty.sees(/\b21 events\b/);
    expect(existsSync(join(cwd, 'logs'))).toBe(false);
    pty.type('q');
    expect(await ended(pty)).toBe(0);
  });

  it('counts every record of a flood, from the first on', async () => {
    const cwd = tempDir();
    const phases = 'phases:\n  - { arrival_count: 4000, duration: 200ms }\n';
    writeFileSync(join(cwd, 'shop.yaml'), `${SHOP.replace('delay: 5ms', 'delay: 1ms')}${phases}`);
    const pty = onTerminal(cwd, ['run', 'shop.yaml']);
    await pty.sees(/TRAFFIC OVER/, 40_000);
    await pty.sees(/\b4000 events\b/);
    await pty.sees(/payments +charge +0 +0 +4000 /);
    expect(pty.screen()).not.toContain('did not reach this view');
    pty.type('q');
    expect(await ended(pty)).toBe(0);
    expect(pty.everything()).toMatch(/4000 events, 4000 deliveries/);
  });

  it('keeps payloads out of the log, and has them for publishing again', async () => {
    const cwd = shop();
    const pty = onTerminal(cwd, ['run', 'shop.yaml', '--session', 'quiet']);
    await pty.sees('order-1');
    await cfBus(['publish', 'order.placed', '--session', 'quiet', '--payload', '{"card": "4111"}'], { cwd });
    await pty.sees(/\b2 events\b/);
    pty.type('1r');
    await pty.sees('publish order.placed {"card":"4111"}');
    expect(readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8')).not.toContain('4111');
  });

  it('opens the dashboard, and prints the summary below the prompt after q', async () => {
    const pty = onTerminal(shop(), ['run', 'shop.yaml']);
    await pty.sees('order-1');
    pty.type('q');
    expect(await ended(pty)).toBe(0);
    expect(pty.everything()).toMatch(/Shop ended after/);
  });
});

it('needs a terminal, and says what does without', async () => {
  expect(await cfBus(['dash'])).toMatchObject({
    code: 2,
    stderr:
      'cf-bus: the dashboard needs a terminal\n  without one: cf-bus tail shows records as they come, cf-bus stats counts them\n',
  });
});
