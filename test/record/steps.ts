/** Anything that can happen on a bus, for property tests. */
import * as fc from 'fast-check';
import type { Event, SubscriberInfo } from '../../src/bus/index.js';
import type { Recorder } from '../../src/record/index.js';
import { makeDelivery, makeEvent } from './support.js';

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

export const step: fc.Arbitrary<(recorder: Recorder) => void> = fc.oneof(
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
