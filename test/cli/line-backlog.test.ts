import { expect, test } from 'vitest';
import { LineBacklog } from '../../src/cli/run/line-backlog.js';

function follow(backlog: LineBacklog) {
  const got: { readonly lines: string; readonly dropped: number }[] = [];
  const stop = backlog.follow((lines, dropped) => got.push({ lines, dropped }));
  return { got, stop };
}

test('lines from before the dashboard opens come first, then those that follow', () => {
  const backlog = new LineBacklog();
  backlog.add('one\n');
  backlog.add('two\n');
  const { got } = follow(backlog);
  backlog.add('three\n');
  expect(got.map(({ lines }) => lines)).toEqual(['one\n', 'two\n', 'three\n']);
  expect(got.every(({ dropped }) => dropped === 0)).toBe(true);
});

test('it is bounded; what does not fit is counted, line by line', () => {
  const backlog = new LineBacklog();
  const lines = `${'x'.repeat(99)}\n`.repeat(10_000);
  for (let index = 0; index < 20; index++) backlog.add(lines);
  const { got } = follow(backlog);
  const kept = got.reduce((sum, one) => sum + one.lines.length / 100, 0);
  const dropped = got.reduce((sum, one) => sum + one.dropped, 0);
  expect(kept + dropped).toBe(200_000);
  expect(kept).toBeLessThanOrEqual((16 * 1024 * 1024) / 100);
});

test('nothing comes, and nothing is kept, once the dashboard has closed', () => {
  const backlog = new LineBacklog();
  const { got, stop } = follow(backlog);
  stop();
  backlog.add('late\n');
  expect(got).toEqual([]);
  expect(follow(backlog).got).toEqual([]);
});
