import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineReader, LineWriter, newSharedLines } from '../../src/dashboard/thread/line-ring.js';

function ring(size: number) {
  const shared = newSharedLines(size);
  let woken = 0;
  const writer = new LineWriter(shared, () => {
    woken++;
  });
  return { writer, reader: new LineReader(shared), woken: () => woken };
}

/** Reads a piece; its text is whole lines. */
function take(reader: LineReader, most: number): string {
  const bytes = reader.peek(most);
  const text = Buffer.from(bytes).toString('utf8');
  reader.release(bytes);
  expect(text === '' || text.endsWith('\n')).toBe(true);
  return text;
}

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => `${text.replaceAll('\n', ' ')}\n`);
const action = fc.oneof(
  fc.array(line, { minLength: 1, maxLength: 4 }).map((lines) => ({ do: 'write' as const, lines })),
  fc.integer({ min: 1, max: 60 }).map((most) => ({ do: 'read' as const, most })),
);

test('every line arrives whole and in order, however both sides take turns', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 500, max: 900 }), (actions, size) => {
      const { writer, reader } = ring(size);
      let sent = '';
      let read = '';
      for (const step of actions) {
        if (step.do === 'read') read += take(reader, step.most);
        else {
          const lines = step.lines.join('');
          sent += lines;
          writer.add(lines);
        }
      }
      for (let turn = 0; turn < 200; turn++) {
        read += take(reader, 50);
        writer.flush();
      }
      expect(read).toBe(sent);
      expect(reader.leftOut()).toBe(0);
      expect(reader.awaited).toBe(false);
    }),
    { numRuns: 100 },
  );
});

test('lines that never came are counted', () => {
  const { writer, reader } = ring(100);
  writer.leaveOut(7);
  writer.leaveOut(5);
  expect([reader.leftOut(), reader.leftOut()]).toEqual([12, 0]);
});

test('once it was read, there is room again', () => {
  const { writer, reader } = ring(1_000);
  for (let round = 0; round < 50; round++) {
    for (let index = 0; index < 4; index++) writer.add(`${'x'.repeat(99)}\n`);
    let text = '';
    for (let part = take(reader, 150); part !== ''; part = take(reader, 150)) text += part;
    expect(text.length).toBe(400);
  }
  expect(reader.leftOut()).toBe(0);
});

test('a reader that sleeps is woken once, by a line as by one that was left out; one with work does not fall asleep', () => {
  const { writer, reader, woken } = ring(100);
  writer.add('one\n');
  expect(woken()).toBe(0);
  expect(reader.sleep()).toBe(false);
  take(reader, 100);
  expect(reader.sleep()).toBe(true);
  writer.add('two\n');
  writer.add('three\n');
  expect(woken()).toBe(1);
  take(reader, 100);
  expect(reader.sleep()).toBe(true);
  for (let index = 0; index < 4; index++) writer.add(`${'x'.repeat(29)}\n`);
  expect(woken()).toBe(2);
  // Some found no room, and are asked for.
  for (let text = take(reader, 100); text !== ''; text = take(reader, 100));
  expect(reader.sleep()).toBe(false);
  expect(reader.awaited).toBe(true);
  writer.flush();
  for (let text = take(reader, 100); text !== ''; text = take(reader, 100));
  expect(reader.sleep()).toBe(true);
});

test('a text that no ring of this size can hold is left out, and holds up nothing', () => {
  const { writer, reader } = ring(100);
  writer.add(`${'x'.repeat(80)}\n`);
  writer.add(`${'y'.repeat(60)}\nz\n`);
  writer.add('short\n');
  expect(take(reader, 100)).toBe(`${'x'.repeat(80)}\nshort\n`);
  expect(reader.leftOut()).toBe(2);
  expect(reader.awaited).toBe(false);
});
