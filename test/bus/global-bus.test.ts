import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { installGlobalBus } from '../../src/bus/index.js';
import { EventBus, getEventBus } from '../../src/index.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-global-'));
  vi.stubEnv('CF_BUS_LOG', join(folder, 'bus.log'));
});

afterEach(async () => {
  await getEventBus().close();
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('getEventBus', () => {
  test('gives the same bus every time', () => {
    expect(getEventBus()).toBe(getEventBus());
  });

  test('is shared by two copies of the package, under Symbol.for("cf-bus")', async () => {
    const bus = getEventBus();
    vi.resetModules();
    const copy = await import('../../src/index.js');
    expect(copy.EventBus).not.toBe(EventBus);
    expect(copy.getEventBus()).toBe(bus);
    expect(Reflect.get(globalThis, Symbol.for('cf-bus'))).toBe(bus);
  });

  test('gives a new bus after the last one was closed, by whichever copy', async () => {
    const bus = getEventBus();
    await bus.close();
    const next = getEventBus();
    expect(next).not.toBe(bus);
    vi.resetModules();
    const copy = await import('../../src/index.js');
    await copy.getEventBus().close();
    expect(getEventBus()).not.toBe(next);
    await getEventBus().publish({ type: 'a' });
  });

  test('is the session’s bus where one is installed', () => {
    const session = new EventBus();
    installGlobalBus(session);
    expect(getEventBus()).toBe(session);
  });

  test('opens its log at the first record, in the file that CF_BUS_LOG names', async () => {
    const bus = getEventBus();
    expect(() => readFileSync(join(folder, 'bus.log'))).toThrow('ENOENT');
    await bus.publish({ type: 'a', traceId: 'req-1' });
    await bus.close();
    expect(readFileSync(join(folder, 'bus.log'), 'utf8')).toContain('"trace_id":"req-1"');
  });

  test('logs nowhere when CF_BUS_LOG is `off`', async () => {
    vi.stubEnv('CF_BUS_LOG', 'off');
    const bus = getEventBus();
    await bus.publish({ type: 'a' });
    await bus.close();
    expect(() => readFileSync(join(folder, 'bus.log'))).toThrow('ENOENT');
  });
});

test('a bus of one’s own logs only when given a log', async () => {
  const bus = new EventBus();
  await bus.publish({ type: 'a' });
  await bus.close();
  expect(() => readFileSync(join(folder, 'bus.log'))).toThrow('ENOENT');
});
