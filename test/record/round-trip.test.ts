import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Event, SubscriberInfo } from '../../src/bus/index.js';
import { type LogRecord, openLog, parseLine, type Recorder } from '../../src/record/index.js';
import { linesOf, ManualClock, makeDelivery, makeEvent, temporaryFolder } from './support.js';

/** Text with everything that breaks loggers: quotes, escapes, line breaks, C1, bidi, halves of surrogate pairs. */
const text = fc.string({
  unit: fc.oneof(
    { weight: 3, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '"',
        '\\',
        '\n',
        '\r',
        '\u0000',
        '\u2028',
        '\u009b',
        '\u202e',
        '\ud800',
        '\udc00',
        '{"',
      ),
    },
  ),
  maxLength: 120,
});
/** Ids are the bus's own, event types are checked by it. */
const id = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const amount = fc.oneof(fc.double(), fc.nat());
const payload = fc.dictionary(fc.oneof(text, fc.constant('__proto__')), fc.jsonValue());

const event: fc.Arbitrary<Event> = fc
  .record({
    id,
    type: id,
    source: text,
    traceId: text,
    causationId: fc.option(id, { nil: undefined }),
    payload,
  })
  .map((changes) => makeEvent(changes));
const subscriber: fc.Arbitrary<SubscriberInfo> = fc.record({
  subscriptionId: id,
  service: text,
  handler: text,
  patterns: fc.constant([]),
});
const delivery = fc
  .record({
    id,
    event,
    subscriber,
    attempt: fc.nat(),
    queuedMs: amount,
    durationMs: amount,
    fault: fc.option(text, { nil: undefined }),
  })
  .map((changes) => makeDelivery(changes));

const step: fc.Arbitrary<(recorder: Recorder) => void> = fc.oneof(
  fc.tuple(event, fc.nat(3)).map(
    ([each, count]) =>
      (recorder: Recorder) =>
        recorder.published(each, count),
  ),
  delivery.map((each) => (recorder: Recorder) => recorder.started(each)),
  delivery.map((each) => (recorder: Recorder) => recorder.completed(each)),
  fc.tuple(delivery, fc.oneof(text, fc.anything()), fc.boolean()).map(
    ([each, error, willRetry]) =>
      (recorder: Recorder) =>
        recorder.failed(each, { error, willRetry }),
  ),
  fc.tuple(delivery, text).map(
    ([each, error]) =>
      (recorder: Recorder) =>
        recorder.dead(each, new Error(error)),
  ),
  fc.tuple(delivery, text).map(
    ([each, reason]) =>
      (recorder: Recorder) =>
        recorder.dropped(each, reason),
  ),
  delivery.map((each) => (recorder: Recorder) => recorder.abandoned(each)),
  fc.tuple(subscriber, id, fc.nat()).map(
    ([each, pattern, total]) =>
      (recorder: Recorder) =>
        recorder.subscribed(each, pattern, total),
  ),
  fc.tuple(text, text, text).map(
    ([action, target, by]) =>
      (recorder: Recorder) =>
        recorder.controlChanged({ action, target, by }),
  ),
  fc.tuple(text, fc.nat()).map(
    ([scenario, seed]) =>
      (recorder: Recorder) =>
        recorder.sessionStarted({ scenario, seed, clock: 'real', version: scenario }),
  ),
);

test('decode(encode(record)) gives the record back, through pino and a file, whatever is in it', () => {
  const folder = temporaryFolder();
  let runs = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), fc.boolean(), (steps, payloads) => {
      const file = join(folder, `${runs++}.log`);
      const log = openLog({ file, level: 'debug', payloads, clock: new ManualClock(), session: 's1' });
      const seen: LogRecord[] = [];
      log.observer.watch((record) => seen.push(record));
      for (const happen of steps) happen(log.observer);
      log.close();
      const lines = linesOf(file);
      expect(lines.map(parseLine)).toEqual(seen.map((record) => ({ kind: 'record', record })));
      // The very bytes: what `--json` prints and what the file holds are one format.
      expect(seen.map((record) => JSON.stringify(record))).toEqual(lines);
    }),
    { numRuns: 150 },
  );
});

describe('tools that people have', () => {
  function writeSample(): string {
    const file = join(temporaryFolder(), 'cf-bus.log');
    const log = openLog({ file, level: 'debug', payloads: true, clock: new ManualClock(), session: 's1' });
    const { observer } = log;
    observer.sessionStarted({ clock: 'real', version: '0.1.0' });
    observer.published(makeEvent({ payload: { note: 'a "quoted"\nline \u001b[31m' } }), 1);
    observer.published(makeEvent({ traceId: 'req-99' }), 1);
    observer.started(makeDelivery());
    observer.failed(makeDelivery(), { error: new Error('disk full'), willRetry: false });
    log.close();
    return file;
  }

  test('grep finds the whole trace, one JSON object a line', () => {
    const found = execFileSync('grep', ['req-12345', writeSample()], { encoding: 'utf8' });
    const records = found
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(records.map((record) => record.event)).toEqual([
      'event_published',
      'event_handler_start',
      'event_handler_error',
    ]);
  });

  test('pino-pretty reads it, with level, time and kind', () => {
    const require = createRequire(import.meta.url);
    const binary = join(dirname(require.resolve('pino-pretty/package.json')), 'bin.js');
    const pretty = execFileSync(process.execPath, [binary, '--messageKey', 'event', '--colorize=false'], {
      input: readFileSync(writeSample()),
      encoding: 'utf8',
    });
    expect(pretty).toMatch(/^\[10:30:00\.000\] INFO: session_started$/m);
    expect(pretty).toMatch(/^\[10:30:00\.000\] ERROR: event_handler_error$/m);
    expect(pretty).toContain('trace_id: "req-12345"');
  });
});
