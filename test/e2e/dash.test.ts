import { writeFileSync } from 'node:fs';
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

  it('ends with 130 after Ctrl-C', async () => {
    const cwd = shop();
    await cfBus(['run', 'shop.yaml'], { cwd });
    const pty = onTerminal(cwd, ['dash', 'logs/cf-bus.log']);
    await pty.sees('order-1');
    pty.type('\u0003');
    expect(await ended(pty)).toBe(130);
  });
});

describe('cf-bus run on a terminal', () => {
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
