import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import type { CfBusError } from '../../src/kernel/index.js';
import { defaultLogFile, type Log, type LogRecord, openLog } from '../../src/record/index.js';
import { endOfTurn, linesOf, temporaryFolder } from './support.js';

test.each([
  [{}, 'logs/cf-bus.log'],
  [{ CF_BUS_LOG: '' }, 'logs/cf-bus.log'],
  [{ CF_BUS_LOG: '/var/log/shop.log' }, '/var/log/shop.log'],
  [{ CF_BUS_LOG: 'off' }, undefined],
])('CF_BUS_LOG %j: the log is %s', (env, file) => {
  expect(defaultLogFile(env)).toBe(file);
});

test('a lazy log makes no file until there is a record', async () => {
  const file = join(temporaryFolder(), 'logs', 'cf-bus.log');
  const log = openLog({ file, lazy: true });
  await endOfTurn();
  log.flushSync();
  log.reopen();
  expect(existsSync(file)).toBe(false);
  log.observer.gap(1);
  await endOfTurn();
  expect(linesOf(file)).toHaveLength(1);
  log.close();
});

test('a log that cannot be opened is an error at once, and leaves nothing behind', () => {
  const listeners = process.listenerCount('exit');
  expect(() => openLog({ file: temporaryFolder() })).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }));
  expect(process.listenerCount('exit')).toBe(listeners);
});

test('a lazy log that cannot be opened harms no publish, is told once, and is written when it can be', async () => {
  const folder = temporaryFolder();
  const file = join(folder, 'taken');
  mkdirSync(file);
  const troubles: CfBusError[] = [];
  const log = openLog({ file, lazy: true, onTrouble: (error) => troubles.push(error) });
  const bus = new EventBus({ log });
  const report = await bus.publish({ type: 'a.b' });
  await endOfTurn();
  await bus.publish({ type: 'a.c' });
  await endOfTurn();
  expect(report.settled).toBe(true);
  expect(bus.probe.observerErrors).toBe(0);
  expect(troubles.map((error) => error.code)).toEqual(['LOG_UNAVAILABLE']);
  expect(log.available).toBe(false);
  rmSync(file, { recursive: true });
  log.flushSync();
  expect(log.available).toBe(true);
  expect(linesOf(file).filter((line) => line.includes('event_published'))).toHaveLength(2);
  await bus.close();
  log.close();
});

test('a path to redact that is none is an error even where payloads are not logged', () => {
  expect(() => openLog({ file: undefined, redact: ['a..b'] })).toThrow(
    expect.objectContaining({ code: 'INVALID_OPTIONS' }),
  );
});

test('without a file, watchers get the records all the same', async () => {
  const log = openLog({ file: undefined });
  const seen: LogRecord[] = [];
  log.observer.watch((record) => seen.push(record));
  const bus = new EventBus({ log });
  await bus.publish({ type: 'a.b' });
  log.flushSync();
  await bus.close();
  log.close();
  expect(seen.map((record) => record.event)).toEqual(['event_published', 'event_no_subscribers']);
});

test('the bus closes only when its log is written', async () => {
  const file = join(temporaryFolder(), 'a.log');
  const log = openLog({ file });
  const bus = new EventBus({ log });
  void bus.publish({ type: 'a.b' });
  await bus.close();
  expect(readFileSync(file, 'utf8')).toContain('"event_published"');
  log.close();
});

test('a session gets an id of its own when none is given', () => {
  const first = openLog({ file: undefined });
  const second = openLog({ file: undefined });
  expect(first.session).toMatch(/^[0-9a-z]{9}$/);
  expect(second.session).not.toBe(first.session);
});

test('a relative file stays where it was when the program changes its folder', () => {
  const [here, there] = [temporaryFolder(), temporaryFolder()];
  const before = process.cwd();
  try {
    process.chdir(here);
    const log = openLog({ file: 'a.log', lazy: true });
    process.chdir(there);
    log.observer.gap(1);
    log.close();
  } finally {
    process.chdir(before);
  }
  expect(linesOf(join(here, 'a.log'))).toHaveLength(1);
});

test('what an outage cost is in the log, where it happened: a log_gap that fills the hole in seq', () => {
  const file = join(temporaryFolder(), 'taken');
  mkdirSync(file);
  const recovered: number[] = [];
  const log = openLog({ file, lazy: true, onTrouble: () => {}, onRecovered: (lost) => recovered.push(lost) });
  const record = () => log.observer.controlChanged({ action: 'fault', target: 'x'.repeat(10_000), by: 'test' });
  for (let count = 0; count < 1_500; count++) record();
  expect(log.available).toBe(false);
  rmSync(file, { recursive: true });
  expect(() => log.flushSync()).toThrow(/records of the log/);
  record();
  log.close();
  const records = linesOf(file).map((line) => JSON.parse(line));
  const at = records.findIndex((each) => each.event === 'log_gap');
  const { lost, seq } = records[at];
  expect(recovered).toEqual([lost]);
  // About 8 MiB are kept; the others are counted, and nothing is written out of order.
  expect(lost).toBeGreaterThan(500);
  expect(records[at - 1].seq).toBe(seq - lost - 1);
  expect(records.slice(at + 1).map((each) => each.seq)).toEqual([seq + 1]);
  expect(records).toHaveLength(1_500 - lost + 2);
});

describe('onLines', () => {
  /** Two events in a turn of their own each. */
  async function publishTwo(log: Log): Promise<void> {
    const bus = new EventBus({ log });
    await bus.publish({ type: 'a.b' });
    await endOfTurn();
    await bus.publish({ type: 'a.c', payload: { secret: 'x' } });
    await bus.close();
  }

  test.each([true, false])(
    'gives every line from the first on, as the log has them (with a file: %s)',
    async (file) => {
      const path = join(temporaryFolder(), 'a.log');
      const given: string[] = [];
      const log = openLog({ file: file ? path : undefined, onLines: (lines) => given.push(lines) });
      const seen: LogRecord[] = [];
      log.observer.watch((record) => seen.push(record));
      await publishTwo(log);
      log.close();
      const text = given.join('');
      expect(given.every((lines) => lines.endsWith('\n'))).toBe(true);
      expect(
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line)),
      ).toEqual(seen);
      expect(text).not.toContain('secret":');
      if (file) expect(text).toBe(readFileSync(path, 'utf8'));
    },
  );

  test('gives what the file cannot take, in order, and without waiting for it', async () => {
    const path = join(temporaryFolder(), 'taken');
    mkdirSync(path);
    let text = '';
    const onLines = (lines: string) => {
      text += lines;
    };
    const log = openLog({ file: path, lazy: true, onTrouble: () => {}, onLines });
    const record = (target: string) => log.observer.controlChanged({ action: 'fault', target, by: 'test' });
    for (let count = 0; count < 1_500; count++) record('x'.repeat(10_000));
    await endOfTurn();
    record('last');
    await endOfTurn();
    const seqs = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).seq);
    expect(seqs).toEqual(Array.from({ length: 1_501 }, (_, index) => index + 1));
    expect(() => log.close()).toThrow(/lost/);
  });

  test('one that throws loses its lines, and the log none', async () => {
    const file = join(temporaryFolder(), 'a.log');
    const log = openLog({
      file,
      onLines: () => {
        throw new Error('mine');
      },
    });
    await publishTwo(log);
    log.close();
    expect(linesOf(file)).toHaveLength(4);
  });

  test('nothing follows once the log is closed', async () => {
    const given: string[] = [];
    const log = openLog({ file: undefined, onLines: (lines) => given.push(lines) });
    log.close();
    log.observer.gap(1);
    await endOfTurn();
    expect(given).toEqual([]);
  });
});
