import { expect, test } from 'vitest';
import { LineSender } from '../../src/dashboard/thread/line-sender.js';
import { VirtualClock } from '../../src/kernel/index.js';

function watch() {
  const clock = new VirtualClock();
  const sent: { readonly text: string; readonly dropped: number }[] = [];
  const sender = new LineSender(clock, (text, dropped) => sent.push({ text, dropped }));
  const lines = () => sent.flatMap(({ text }) => text.split('\n')).filter((line) => line !== '').length;
  const dropped = () => sent.reduce((sum, one) => sum + one.dropped, 0);
  return { clock, sent, sender, lines, dropped };
}

test('lines arrive whole and in order, given one by one or many at once', async () => {
  const { clock, sent, sender } = watch();
  sender.add('{"a":1}\n');
  sender.add('{"b":2}\n{"c":3}\n');
  expect(sent).toEqual([]);
  await clock.drive();
  expect(sent).toEqual([{ text: '{"a":1}\n{"b":2}\n{"c":3}\n', dropped: 0 }]);
});

test('a side that does not keep up bounds what is underway; the rest is left out and every line of it counted', async () => {
  const { clock, sent, sender, lines, dropped } = watch();
  const line = `${'x'.repeat(249)}\n`;
  for (let index = 0; index < 10_000; index++) sender.add(line.repeat(5));
  await clock.drive();
  const underway = sent.reduce((sum, { text }) => sum + text.length, 0);
  expect(underway).toBeLessThanOrEqual(512 * 1_024);
  sender.taken(underway);
  expect(lines() + dropped()).toBe(50_000);
  expect(dropped()).toBeGreaterThan(40_000);
});

test('once it has caught up, lines flow again and nothing is counted twice', async () => {
  const { clock, sent, sender, lines, dropped } = watch();
  const line = `${'y'.repeat(999)}\n`;
  for (let index = 0; index < 1_000; index++) sender.add(line);
  await clock.drive();
  for (const { text } of [...sent]) sender.taken(text.length);
  for (let index = 0; index < 500; index++) sender.add(line);
  await clock.drive();
  expect(lines() + dropped()).toBe(1_500);
  expect(sent.at(-1)?.dropped).toBe(0);
});
