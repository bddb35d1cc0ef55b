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

test('every line arrives whole and in order, or is left out whole and counted, however both sides take turns', () => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), fc.integer({ min: 20, max: 300 }), (actions, size) => {
      const { writer, reader } = ring(size);
      const sent: string[] = [];
      let read = '';
      for (const step of actions) {
        if (step.do === 'read') read += take(reader, step.most);
        else {
          writer.add(step.lines.join(''));
          const now = reader.leftOut();
          expect([0, step.lines.length]).toContain(now);
          if (now === 0) sent.push(...step.lines);
        }
      }
      for (let text = take(reader, 50); text !== ''; text = take(reader, 50)) read += text;
      expect(read).toBe(sent.join(''));
      expect(reader.leftOut()).toBe(0);
    }),
    { numRuns: 500 },
  );
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
  writer.add(`${'x'.repeat(200)}\n`);
  expect(woken()).toBe(2);
  expect(reader.sleep()).toBe(false);
  expect(reader.leftOut()).toBe(1);
});
