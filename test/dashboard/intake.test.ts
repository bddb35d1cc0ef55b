import { expect, test } from 'vitest';
import type { Lines } from '../../src/dashboard/data/ingest-lines.js';
import { Intake } from '../../src/dashboard/thread/intake.js';
import { LineWriter, newSharedLines } from '../../src/dashboard/thread/line-ring.js';
import { type Clock, VirtualClock } from '../../src/kernel/index.js';

function setUp(read: (lines: Lines) => number = () => 0) {
  const clock = new VirtualClock();
  const shared = newSharedLines();
  const taken: { readonly at: number; readonly text: string; readonly readable: number; readonly dropped: number }[] =
    [];
  const intake = new Intake({
    lines: shared,
    session: 's1',
    clock,
    take(lines, dropped) {
      const text = Buffer.from(lines.bytes).toString('utf8');
      taken.push({ at: clock.now(), text, readable: lines.readable, dropped });
      return read(lines);
    },
    room: () => writer.flush(),
  });
  const writer: LineWriter = new LineWriter(shared, () => intake.wake());
  return { clock, intake, writer, taken };
}

test('lines are taken as they come, then looked for some twenty times a second, and it rests when there are none', async () => {
  const { clock, intake, writer, taken } = setUp();
  intake.wake();
  writer.add('one\n');
  writer.add('two\n');
  await clock.drive();
  expect(taken.map(({ text }) => text).join('')).toBe('one\ntwo\n');
  const before = taken.length;
  writer.add('three\n');
  expect(taken.slice(before).map(({ text }) => text)).toEqual(['three\n']);
  writer.add('four\n');
  expect(taken).toHaveLength(before + 1);
  await clock.drive();
  expect(taken.at(-1)).toMatchObject({ text: 'four\n', dropped: 0 });
  expect(clock.pending).toBe(0);
});

test('much at once is taken in pieces of whole lines', async () => {
  const { clock, intake, writer, taken } = setUp();
  const line = `${'x'.repeat(999)}\n`;
  for (let index = 0; index < 3_000; index++) writer.add(line);
  intake.wake();
  await clock.drive();
  expect(taken.map(({ text }) => text.length).reduce((sum, length) => sum + length, 0)).toBe(3_000_000);
  expect(Math.max(...taken.map(({ text }) => text.length))).toBeLessThanOrEqual(1_050_000);
  expect(taken.every(({ text }) => text.length % 1_000 === 0)).toBe(true);
});

test('of a flood a bounded number of lines may be read in each second; what is not used is not saved up', async () => {
  const { clock, intake, writer, taken } = setUp(({ bytes, readable }) => Math.min(bytes.length / 1_000, readable));
  intake.wake();
  const line = `${'x'.repeat(999)}\n`;
  for (let second = 0; second < 10; second++) {
    for (let part = 0; part < 20; part++) {
      for (let index = 0; index < 1_500; index++) writer.add(line);
      clock.setTimer(50, () => {});
      await clock.drive();
    }
  }
  const readable = taken.map((piece) => piece.readable);
  expect(Math.max(...readable)).toBeLessThanOrEqual(6_000);
  // 300,000 came.
  const seconds = clock.now() / 1_000;
  const read = taken.reduce((sum, piece) => sum + Math.min(piece.text.length / 1_000, piece.readable), 0);
  expect(read).toBeLessThanOrEqual(6_000 * (seconds + 1));
  expect(read).toBeGreaterThan(5_000 * seconds);
});

test('a slow machine reads fewer lines of a flood, and as many as before once it is quick again', async () => {
  let now = 0;
  const timers = new Set<{ readonly due: number; readonly run: () => void }>();
  const clock: Clock = {
    kind: 'virtual',
    now: () => now,
    wallTime: () => now,
    setTimer(delay, run) {
      const timer = { due: now + delay, run };
      timers.add(timer);
      return { cancel: () => void timers.delete(timer) };
    },
  };
  let msPerLine = 0.004;
  let read = 0;
  const shared = newSharedLines();
  const intake = new Intake({
    lines: shared,
    session: 's1',
    clock,
    take({ bytes, readable }) {
      const lines = bytes.length / 300;
      const taken = Math.min(lines, readable);
      now += (taken + (lines - taken) * 0.1) * msPerLine;
      read += taken;
      return taken;
    },
    room: () => {},
  });
  const writer = new LineWriter(shared, () => intake.wake());
  const perSecond = () => {
    const until = now + 5_000;
    read = 0;
    for (; now < until; now += 10) {
      writer.add(`${'x'.repeat(299)}\n`.repeat(1_000));
      for (const timer of [...timers].filter(({ due }) => due <= now)) {
        timers.delete(timer);
        timer.run();
      }
    }
    return read / 5;
  };
  intake.wake();
  const quick = perSecond();
  msPerLine = 0.04;
  perSecond();
  const slow = perSecond();
  msPerLine = 0.004;
  perSecond();
  const again = perSecond();
  expect(quick).toBeGreaterThan(5_000);
  expect(slow).toBeLessThan(1_800);
  expect(slow).toBeGreaterThan(300);
  expect(again).toBeGreaterThan(5_000);
});

test('what finds no room waits, and comes in its order once there is some; beyond a bound it is left out and told', async () => {
  const { clock, intake, writer, taken } = setUp();
  const lines = (index: number) => `${String(index).padStart(99)}\n`.repeat(10_000);
  for (let index = 0; index < 80; index++) writer.add(lines(index));
  intake.wake();
  await clock.drive();
  const text = taken.map((piece) => piece.text).join('');
  const dropped = taken.reduce((sum, piece) => sum + piece.dropped, 0);
  expect(text.length / 100 + dropped).toBe(800_000);
  // 16 MiB between the threads, 48 MiB before them.
  expect(dropped).toBeGreaterThan(100_000);
  expect(dropped).toBeLessThan(200_000);
  expect(text === Array.from({ length: text.length / 1_000_000 }, (_, index) => lines(index)).join('')).toBe(true);
  writer.add('after\n');
  await clock.drive();
  expect(taken.at(-1)).toMatchObject({ text: 'after\n', dropped: 0 });
  expect(clock.pending).toBe(0);
});

test('closed, it takes nothing more', async () => {
  const { clock, intake, writer, taken } = setUp();
  intake.wake();
  intake.close();
  writer.add('late\n');
  await clock.drive();
  expect(taken).toEqual([]);
});
