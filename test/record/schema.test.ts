import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classify, parseLine, type RecordKind } from '../../src/record/index.js';

interface Sample {
  /** Keys that every such record has. */
  readonly required: Readonly<Record<string, unknown>>;
  readonly optional?: Readonly<Record<string, unknown>>;
}

const subscription = {
  event_type: 'index.*',
  subscription_id: 'sub-1',
  service: 'metrics',
  handler: 'track',
  total_subscribers: 2,
};
const event = { event_type: 'index.updated', event_id: 'evt-1', source: 'vector_index', trace_id: 'req-12345' };
const delivery = {
  delivery_id: 'dlv-1',
  subscription_id: 'sub-1',
  event_id: 'evt-1',
  event_type: 'index.updated',
  trace_id: 'req-12345',
  service: 'metrics',
  handler: 'track',
  attempt: 1,
};
const timing = { duration_ms: 1.234, queued_ms: 0 };
const fault = { fault: 'slow' };

const COMMON = { level: 'info', timestamp: '2026-11-23T10:30:00.000Z', seq: 7, session: 's1' };

/** One of each kind, with all its keys, as the log's documentation has them. */
const SAMPLES: Readonly<Record<RecordKind, Sample>> = {
  session_started: {
    required: { clock: 'real', version: '0.1.0' },
    optional: { scenario: 'Hello', seed: 42, speed: 10, name: 'hello' },
  },
  session_stopped: {
    required: { reason: 'done', events: 1, deliveries: 2, errors: 0, dead: 0, dropped: 0, abandoned: 0 },
  },
  event_subscription: { required: subscription },
  event_unsubscription: { required: subscription },
  event_published: {
    required: { ...event, subscriber_count: 1, payload_keys: ['repo_path'] },
    optional: { causation_id: 'evt-0', causation_delivery_id: 'dlv-0' },
  },
  event_no_subscribers: { required: event },
  event_handler_start: { required: delivery },
  event_handler_complete: { required: { ...delivery, ...timing }, optional: fault },
  event_handler_error: {
    required: { ...delivery, ...timing, error: 'disk full', error_name: 'Error', will_retry: true },
    optional: fault,
  },
  event_delivery_dropped: { required: { ...delivery, reason: 'queue full' }, optional: fault },
  event_delivery_dead: { required: { ...delivery, reason: 'disk full' } },
  event_delivery_abandoned: { required: { ...delivery, reason: 'closed' } },
  control_changed: { required: { action: 'pause', target: 'bus', by: 'dashboard' } },
  log_gap: { required: { lost: 3 } },
};

/** A kind, the keys that its records must have, and those that they may have. */
const kinds = Object.entries(SAMPLES).map(([kind, { required, optional = {} }]) => ({
  kind,
  required: { ...COMMON, event: kind, ...required } as Readonly<Record<string, unknown>>,
  optional,
}));

describe.each(kinds)('a line of kind $kind', ({ required, optional }) => {
  test('is a record with all its keys, and with those alone that it must have', () => {
    for (const value of [{ ...required, ...optional }, required]) {
      expect(parseLine(JSON.stringify(value))).toEqual({ kind: 'record', record: value });
    }
  });

  test('keeps keys that this version does not know', () => {
    const value = { ...required, payload: { deep: [1] }, from_the_future: null };
    expect(classify(value)).toEqual({ kind: 'record', record: value });
  });

  test.each(Object.keys(required))('is none of ours without its %s', (key) => {
    const { [key]: _left, ...rest } = required;
    expect(classify(rest)).toEqual({ kind: 'foreign', value: rest });
  });

  test.each(Object.entries({ ...required, ...optional }))('is none of ours with a wrong %s', (key, right) => {
    const wrong = fc.jsonValue().filter((value) => typeof value !== typeof right || value === null);
    fc.assert(
      fc.property(wrong, (value) => {
        const changed = { ...required, [key]: value };
        expect(classify(changed)).toEqual({ kind: 'foreign', value: changed });
      }),
    );
  });
});

describe('a line is none of ours', () => {
  const published = { ...COMMON, event: 'event_published', ...SAMPLES.event_published.required };

  test.each([
    ['a kind that nobody knows', { ...published, event: 'event_imagined' }],
    ['a kind that every object inherits', { ...published, event: 'toString' }],
    ['an unknown level', { ...published, level: 'fatal' }],
    ['an unknown clock', { ...COMMON, event: 'session_started', clock: 'sundial', version: '1' }],
    ['payload keys that are no texts', { ...published, payload_keys: ['a', 1] }],
    ['payload keys that are no list', { ...published, payload_keys: 'a' }],
  ])('with %s', (_what, value) => {
    expect(classify(value)).toEqual({ kind: 'foreign', value });
  });

  test('with a number beyond all numbers', () => {
    const line = JSON.stringify(published).replace('"subscriber_count":1', '"subscriber_count":1e999');
    expect(parseLine(line)).toMatchObject({ kind: 'foreign' });
  });

  test('whatever JSON it is, and reading it never throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string(),
          fc.json().map((json) => json.slice(1)),
        ),
        (line) => {
          expect(['foreign', 'invalid']).toContain(parseLine(line).kind);
        },
      ),
    );
  });
});
