import { describe, expect, test } from 'vitest';
import { EventBus, EventType } from '../../src/bus/index.js';
import { CfBusError, Ids, seededRandom, VirtualClock } from '../../src/kernel/index.js';
import {
  createRecorder,
  type LogRecord,
  openLog,
  parseLine,
  RECORD_LEVELS,
  type Recorder,
  type RecordKind,
} from '../../src/record/index.js';
import { linesOf, ManualClock, makeDelivery, makeEvent, memoryLog, temporaryFolder } from './support.js';

const delivery = {
  event_id: 'evt-s1-1',
  event_type: 'index.updated',
  trace_id: 'req-12345',
  subscription_id: 'sub-s1-1',
  service: 'metrics',
  handler: 'track',
  delivery_id: 'dlv-s1-1',
  attempt: 1,
};
const subscription = {
  event_type: 'index.*',
  subscription_id: 'sub-s1-1',
  service: 'metrics',
  handler: 'track',
  total_subscribers: 3,
};

/** One of each kind: what happens, and what the log says of it. */
const KINDS: { readonly [K in RecordKind]: readonly [(recorder: Recorder) => void, object] } = {
  session_started: [
    (recorder) => recorder.sessionStarted({ scenario: 'hello.yaml', seed: 42, clock: 'virtual', version: '0.1.0' }),
    { scenario: 'hello.yaml', seed: 42, clock: 'virtual', version: '0.1.0' },
  ],
  session_stopped: [
    (recorder) =>
      recorder.sessionStopped({
        reason: 'done',
        events: 9,
        deliveries: 18,
        errors: 2,
        dead: 1,
        dropped: 0,
        abandoned: 0,
      }),
    { reason: 'done', events: 9, deliveries: 18, errors: 2, dead: 1, dropped: 0, abandoned: 0 },
  ],
  event_subscription: [(recorder) => recorder.subscribed(makeDelivery().subscriber, 'index.*', 3), subscription],
  event_unsubscription: [(recorder) => recorder.unsubscribed(makeDelivery().subscriber, 'index.*', 3), subscription],
  event_published: [
    (recorder) =>
      recorder.published(
        makeEvent({ causationId: 'evt-s1-0', causationDeliveryId: 'dlv-s1-0', payload: { repo_path: '/srv' } }),
        2,
      ),
    {
      event_id: 'evt-s1-1',
      event_type: 'index.updated',
      trace_id: 'req-12345',
      source: 'vector_index_service',
      causation_id: 'evt-s1-0',
      causation_delivery_id: 'dlv-s1-0',
      subscriber_count: 2,
      payload_keys: ['repo_path'],
    },
  ],
  event_no_subscribers: [
    (recorder) => recorder.published(makeEvent(), 0),
    {
      event_id: 'evt-s1-1',
      event_type: 'index.updated',
      trace_id: 'req-12345',
      source: 'vector_index_service',
    },
  ],
  event_handler_start: [(recorder) => recorder.started(makeDelivery()), delivery],
  event_handler_complete: [
    (recorder) =>
      recorder.completed(makeDelivery({ durationMs: 12.345_678, queuedMs: 0.000_4, attempt: 2, fault: 'slow' })),
    { ...delivery, attempt: 2, duration_ms: 12.346, queued_ms: 0, fault: 'slow' },
  ],
  event_handler_error: [
    (recorder) => recorder.failed(makeDelivery(), { error: new TypeError('no such repo'), willRetry: true }),
    {
      ...delivery,
      duration_ms: 12.5,
      queued_ms: 0.25,
      error: 'no such repo',
      error_name: 'TypeError',
      will_retry: true,
    },
  ],
  event_delivery_dropped: [
    (recorder) => recorder.dropped(makeDelivery({ attempt: 0 }), 'queue_full'),
    { ...delivery, attempt: 0, reason: 'queue_full' },
  ],
  event_delivery_dead: [
    (recorder) => recorder.dead(makeDelivery({ attempt: 3 }), new Error('disk full')),
    { ...delivery, attempt: 3, reason: 'disk full' },
  ],
  event_delivery_abandoned: [(recorder) => recorder.abandoned(makeDelivery()), { ...delivery, reason: 'bus_closed' }],
  control_changed: [
    (recorder) => recorder.controlChanged({ action: 'pause', target: 'bus', by: 'dashboard' }),
    { action: 'pause', target: 'bus', by: 'dashboard' },
  ],
  log_gap: [(recorder) => recorder.gap(17), { lost: 17 }],
};

describe('each kind of record', () => {
  test.each(Object.entries(KINDS))('%s', (kind, [happen, expected]) => {
    const { recorder, lines, seen } = memoryLog();
    happen(recorder);
    const line = lines.at(-1) ?? '';
    const common = { timestamp: '2025-01-23T10:30:00.000Z', event: kind, session: 's1', seq: lines.length };
    expect(JSON.parse(line)).toEqual({ ...common, ...expected, level: RECORD_LEVELS[kind as RecordKind] });
    // A reader takes it, and whoever watches sees the same, key by key.
    expect(parseLine(line)).toEqual({ kind: 'record', record: seen.at(-1) });
    expect(JSON.stringify(seen.at(-1))).toBe(line);
    expect(line.startsWith(`{"level":"${RECORD_LEVELS[kind as RecordKind]}","timestamp":"`)).toBe(true);
  });
});

test("the guide's example comes out with the guide's keys and values", async () => {
  const file = `${temporaryFolder()}/contextforge.log`;
  const clock = new ManualClock();
  const log = openLog({ file, clock });
  const bus = new EventBus({ log, clock });
  bus.subscribe(EventType.INDEX_UPDATED, async function onIndexUpdated() {});
  bus.subscribe('index.*', async function trackIndexMetrics() {});
  await bus.publish({
    type: EventType.INDEX_UPDATED,
    payload: { repo_path: '/path/to/repo', files_indexed: 150, chunks_created: 1200 },
    source: 'vector_index_service',
    traceId: 'req-12345',
  });
  log.close();
  const published = linesOf(file).find((line) => line.includes('event_published')) ?? '';
  expect(JSON.parse(published)).toMatchObject({
    event: 'event_published',
    event_type: 'index.updated',
    source: 'vector_index_service',
    trace_id: 'req-12345',
    subscriber_count: 2,
    payload_keys: ['repo_path', 'files_indexed', 'chunks_created'],
    timestamp: '2025-01-23T10:30:00.000Z',
  });
});

describe('common keys', () => {
  test('seq rises by one; an unheard event is told right after it was published', () => {
    const { recorder, seen } = memoryLog();
    recorder.published(makeEvent(), 0);
    recorder.started(makeDelivery());
    expect(seen.map(({ seq, event }) => [seq, event])).toEqual([
      [1, 'event_published'],
      [2, 'event_no_subscribers'],
      [3, 'event_handler_start'],
    ]);
  });

  test('no pid, host name or path is in a line', () => {
    const { recorder, lines } = memoryLog();
    for (const [happen] of Object.values(KINDS)) happen(recorder);
    const keys = new Set(lines.flatMap((line) => Object.keys(JSON.parse(line))));
    for (const key of ['pid', 'hostname', 'name', 'msg', 'time']) expect(keys).not.toContain(key);
  });

  test('records of two events that take turns keep their own keys', () => {
    const { recorder, seen } = memoryLog();
    const first = makeDelivery({ event: makeEvent({ id: 'evt-1', traceId: 'a' }) });
    const second = makeDelivery({ event: makeEvent({ id: 'evt-2', traceId: 'b' }) });
    for (const each of [first, second, first, second]) recorder.started(each);
    expect(seen.map((record) => [record.event_id, record.trace_id])).toEqual([
      ['evt-1', 'a'],
      ['evt-2', 'b'],
      ['evt-1', 'a'],
      ['evt-2', 'b'],
    ]);
  });

  test.each([
    ['debug', ['info', 'debug', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ] as const)('the threshold %s keeps %j, and seq has no holes', (level, kept) => {
    const { recorder, lines, seen } = memoryLog({ level });
    for (const [happen] of Object.values(KINDS)) happen(recorder);
    expect(new Set(seen.map((record) => record.level))).toEqual(new Set(kept));
    expect(lines.map((line) => JSON.parse(line).seq)).toEqual(lines.map((_, index) => index + 1));
  });

  test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('a duration of %s is written as 0', (durationMs) => {
    const { recorder, lines } = memoryLog();
    recorder.completed(makeDelivery({ durationMs }));
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ duration_ms: 0 });
  });
});

describe('watchers', () => {
  test('a watcher that throws is dropped; the log and the others go on', () => {
    const { recorder, lines, seen } = memoryLog();
    let calls = 0;
    recorder.watch(() => {
      calls++;
      throw new Error('bad watcher');
    });
    recorder.gap(1);
    recorder.gap(2);
    expect(calls).toBe(1);
    expect(lines).toHaveLength(2);
    expect(seen).toHaveLength(2);
  });

  test('a watcher that has left sees nothing more', () => {
    const recorder = createRecorder({ session: 's1', clock: new ManualClock() });
    const seen: LogRecord[] = [];
    const stop = recorder.watch((record) => seen.push(record));
    recorder.gap(1);
    stop();
    stop();
    recorder.gap(2);
    expect(seen.map((record) => record.seq)).toEqual([1]);
  });

  test('a watcher may publish: the records it causes come after the one it was shown', async () => {
    const log = openLog({ file: undefined, level: 'info' });
    const bus = new EventBus({ log });
    const types: unknown[] = [];
    log.observer.watch((record) => {
      types.push(record.event_type);
      if (record.event_type === 'first.event' && record.event === 'event_published')
        void bus.publish({ type: 'second.event' });
    });
    await bus.publish({ type: 'first.event' });
    expect(types[0]).toBe('first.event');
    expect(types).toContain('second.event');
    await bus.close();
  });
});

describe('hostile values', () => {
  test('anything can be thrown by a handler', () => {
    const thrown: unknown[] = [
      undefined,
      null,
      'text',
      7n,
      Symbol('s'),
      {},
      Object.create(null),
      new Proxy(new Error('x'), {
        get() {
          throw new Error('trap');
        },
      }),
      new CfBusError('HANDLER_TIMEOUT', 'late', { name: 'TimeoutError' }),
      new Error('half a \ud83d pair'),
    ];
    const { recorder, lines, seen } = memoryLog();
    for (const error of thrown) recorder.failed(makeDelivery(), { error, willRetry: false });
    expect(lines.map(parseLine)).toEqual(seen.map((record) => ({ kind: 'record', record })));
    expect(JSON.parse(lines.at(-2) ?? '')).toMatchObject({ error: 'late', error_name: 'TimeoutError' });
    expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ error: 'half a \ufffd pair' });
  });

  test('names with quotes, line breaks and escapes stay in their key', () => {
    const { recorder, lines } = memoryLog();
    const nasty = '"},\n{"event":"forged\u001b[2J\u2028';
    recorder.started(
      makeDelivery({
        event: makeEvent({ traceId: nasty, source: nasty }),
        subscriber: { subscriptionId: 'sub', service: nasty, handler: nasty, patterns: [] },
      }),
    );
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event: 'event_handler_start',
      trace_id: nasty,
      service: nasty,
      handler: nasty,
    });
  });
});

test('a virtual run writes the same bytes twice', async () => {
  const run = async () => {
    const file = `${temporaryFolder()}/run.log`;
    const clock = new VirtualClock();
    const random = seededRandom(42);
    const ids = new Ids('virtual01');
    const log = openLog({ file, level: 'debug', clock, session: ids.session, fresh: true, payloads: true });
    const bus = new EventBus({ log, clock, ids, random: () => random.next() });
    bus.subscribe(
      'index.**',
      async function work(event, { clock: time, publish }) {
        await time.sleep(random.next() * 100);
        if (random.next() < 0.3) throw new Error('disk full');
        if (event.type === 'index.started') await publish({ type: 'index.completed', payload: { repo_path: '/r' } });
      },
      { service: 'vector_index', concurrency: 2, retry: { attempts: 3, delay: 10, jitter: 0.2 } },
    );
    for (let index = 0; index < 50; index++) {
      clock.setTimer(index * 7, () => void bus.publish({ type: 'index.started', payload: { repo_path: `/${index}` } }));
    }
    await clock.drive();
    await bus.close();
    log.close();
    return linesOf(file);
  };
  const [first, second] = [await run(), await run()];
  expect(first.length).toBeGreaterThan(200);
  expect(second).toEqual(first);
  expect(first.map((line) => JSON.parse(line).seq)).toEqual(first.map((_, index) => index + 1));
});
