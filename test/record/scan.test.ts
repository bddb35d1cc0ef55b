import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type LogRecord, parseLine, payloadReader } from '../../src/record/index.js';
import { hashText } from '../../src/record/names.js';
import { LineScanner } from '../../src/record/scan.js';
import { step } from './steps.js';
import { makeDelivery, makeEvent, memoryLog } from './support.js';

/** What the scanner tells of a line, by the names of the record's keys; `undefined` where it has to be parsed. */
function scanned(scanner: LineScanner, bytes: Uint8Array, from: number): Record<string, unknown> | undefined {
  if (!scanner.scan(bytes, from)) return undefined;
  const { event, time, seq, event_type, trace_id, traceHash } = scanner;
  const common = { event, timestamp: new Date(time).toISOString(), seq, event_type, trace_id, traceHash };
  if (event === 'event_no_subscribers') return common;
  const { root, subscriber_count } = scanner;
  if (event === 'event_published') return { ...common, root, subscriber_count };
  const { subscription_id, service, handler, attempt, duration_ms, will_retry } = scanner;
  return {
    ...common,
    ...{ subscription_id, service, handler, attempt },
    ...(event === 'event_handler_complete' || event === 'event_handler_error' ? { duration_ms } : {}),
    ...(event === 'event_handler_error' ? { will_retry } : {}),
  };
}

function expected(record: LogRecord): Record<string, unknown> {
  const told: Record<string, unknown> = { ...record, traceHash: hashText(String(record.trace_id)) };
  if (record.event === 'event_published') told.root = record.causation_id === undefined;
  return told;
}

function lineOf(act: (recorder: ReturnType<typeof memoryLog>['recorder']) => void): Uint8Array {
  const { recorder, lines } = memoryLog({ payload: payloadReader(undefined) });
  act(recorder);
  return Buffer.from(lines.map((line) => `${line}\n`).join(''));
}

test('whatever is recorded, a line is scanned as it would be parsed, or said to need that; the next one is found', () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), fc.boolean(), (steps, payloads) => {
      const { recorder, lines } = memoryLog(payloads ? { payload: payloadReader(undefined) } : {});
      for (const happen of steps) happen(recorder);
      const bytes = Buffer.from(`${lines.join('\n')}\n`);
      const scanner = new LineScanner('s1');
      let from = 0;
      for (const line of lines) {
        const parsed = parseLine(line);
        const told = scanned(scanner, bytes, from);
        expect(scanner.line()).toBe(line);
        if (told !== undefined && parsed.kind === 'record') expect(expected(parsed.record)).toMatchObject(told);
        from = scanner.next();
      }
      expect(from).toBe(bytes.length);
    }),
    { numRuns: 200 },
  );
});

test.each<[string, Parameters<typeof lineOf>[0]]>([
  ['event_published', (recorder) => recorder.published(makeEvent({ payload: { a: '"}\\' } }), 2)],
  ['event_published', (recorder) => recorder.published(makeEvent({ causationId: 'evt-s1-0', traceId: 'größe' }), 2)],
  [
    'event_published',
    (recorder) => recorder.published(makeEvent({ causationId: 'evt-s1-0', causationDeliveryId: 'dlv-s1-7' }), 1),
  ],
  ['event_handler_start', (recorder) => recorder.started(makeDelivery())],
  ['event_handler_complete', (recorder) => recorder.completed(makeDelivery({ durationMs: 0.001, fault: 'slow "x"' }))],
  ['event_handler_error', (recorder) => recorder.failed(makeDelivery(), { error: new Error('"\\'), willRetry: true })],
  ['event_handler_error', (recorder) => recorder.failed(makeDelivery(), { error: 'disk full', willRetry: false })],
  ['event_delivery_dead', (recorder) => recorder.dead(makeDelivery(), 'gone')],
  ['event_delivery_dropped', (recorder) => recorder.dropped(makeDelivery({ attempt: 0 }), 'fault')],
  ['event_delivery_abandoned', (recorder) => recorder.abandoned(makeDelivery())],
])('an ordinary %s needs no parsing', (event, act) => {
  const scanner = new LineScanner('s1');
  expect(scanned(scanner, lineOf(act), 0)).toMatchObject({ event });
});

test('events that nobody hears need no parsing', () => {
  const scanner = new LineScanner('s1');
  const bytes = lineOf((recorder) => recorder.published(makeEvent(), 0));
  expect(scanner.scan(bytes, 0)).toBe(true);
  expect(scanned(scanner, bytes, scanner.next())).toMatchObject({ event: 'event_no_subscribers' });
});

test('a line of another session, one cut short, and one of another program have to be parsed', () => {
  const bytes = lineOf((recorder) => recorder.completed(makeDelivery()));
  expect(new LineScanner('s2').scan(bytes, 0)).toBe(false);
  for (const text of [
    '',
    '{}',
    '{"level":"debug"',
    'not JSON at all',
    '{"level":"info","msg":"hello, world, how are you?"}',
  ])
    expect(new LineScanner('s1').scan(Buffer.from(`${text}\n`), 0)).toBe(false);
  for (let length = 0; length < bytes.length - 2; length++) {
    const cut = Buffer.concat([bytes.subarray(0, length), Buffer.from('\n')]);
    const scanner = new LineScanner('s1');
    // What is cut off behind the figures it tells is not missed.
    if (scanner.scan(cut, 0)) expect(scanner.line()).toMatch(/"duration_ms":12\.5,/);
    expect(scanner.next()).toBe(length + 1);
  }
});

test('more names than can be kept are still told apart', () => {
  const types = Array.from({ length: 10_000 }, (_, index) => `type.number${index}`);
  const bytes = lineOf((recorder) => {
    for (const type of types) recorder.published(makeEvent({ type }), 1);
  });
  const scanner = new LineScanner('s1');
  const found: string[] = [];
  for (let from = 0; from < bytes.length && scanner.scan(bytes, from); from = scanner.next())
    found.push(scanner.event_type);
  expect(found).toEqual(types);
});
