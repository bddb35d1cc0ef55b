import { expect, test } from 'vitest';
import type { Context } from '../../src/cli/context.js';
import { Lifecycle } from '../../src/cli/lifecycle.js';
import { LogReading } from '../../src/cli/log-reading.js';
import { Output } from '../../src/cli/output.js';
import { type Clock, realClock } from '../../src/kernel/index.js';

/** A reading whose clock stands where the test puts it, and what it has written on the terminal. */
function reading(isTTY: boolean, env: NodeJS.ProcessEnv = {}, index = true) {
  const time = { now: 0 };
  const clock: Clock = { kind: 'virtual', now: () => time.now, wallTime: () => time.now, setTimer: realClock.setTimer };
  const written: string[] = [];
  const sink = { write: (text: string) => written.push(text), isTTY };
  const notices = new Output(sink, 'never', {});
  const stdin = () => process.stdin;
  const lifecycle = new Lifecycle(clock);
  const context: Context = { out: notices, notices, stdin, env, cwd: '/', ascii: true, lifecycle };
  return { time, written, reading: new LogReading(context, { index }, clock) };
}

test('a long read shows progress from the third second on, ten times a second, and takes it away', () => {
  const { time, written, reading: log } = reading(true);
  for (let ms = 0; ms <= 3_000; ms += 10) {
    time.now = ms;
    log.onProgress(ms * 1_000_000);
  }
  expect(written).toHaveLength(11);
  expect(written[0]).toContain('2.0 GB read, 1000 MB/s');
  log.done();
  expect(written.at(-1)).toBe('\r\u001b[K');
});

test('a short read, and one without a terminal, show none', () => {
  for (const { isTTY, until } of [
    { isTTY: true, until: 1_900 },
    { isTTY: false, until: 9_000 },
  ]) {
    const { time, written, reading: log } = reading(isTTY);
    for (let ms = 0; ms <= until; ms += 100) {
      time.now = ms;
      log.onProgress(ms);
    }
    log.done();
    expect(written).toEqual([]);
  }
});

test('indexes lie in the user’s cache folder, or nowhere', () => {
  const folder = (env: NodeJS.ProcessEnv, index = true) => reading(false, env, index).reading.cacheFolder;
  expect(folder({ XDG_CACHE_HOME: '/cache', HOME: '/home/me' })).toBe('/cache/cf-bus');
  expect(folder({ XDG_CACHE_HOME: 'not/absolute', HOME: '/home/me' })).toBe('/home/me/.cache/cf-bus');
  expect(folder({})).toBeUndefined();
  expect(folder({ HOME: '/home/me' }, false)).toBeUndefined();
});
