import { describe, expect, test } from 'vitest';
import { EventBus, type EventInput } from '../../src/bus/index.js';
import { VIRTUAL_EPOCH_MS } from '../../src/kernel/index.js';
import { driveTo, rejection, settle, taking, virtualBus, watch } from './support.js';

describe('publish', () => {
  test('gives subscribers the event as it was published', async () => {
    const { bus } = virtualBus();
    const seen: unknown[] = [];
    bus.subscribe('index.updated', (event) => seen.push(event));
    const payload = { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 };
    await bus.publish({ type: 'index.updated', payload, source: 'vector_index_service', traceId: 'req-12345' });
    expect(seen).toEqual([
      {
        id: 'evt-test-1',
        type: 'index.updated',
        payload,
        source: 'vector_index_service',
        traceId: 'req-12345',
        timestamp: VIRTUAL_EPOCH_MS,
        causationId: undefined,
        causationDeliveryId: undefined,
      },
    ]);
  });

  test('makes a new trace id for each event that has none, and says `unknown` for its source', async () => {
    const { bus } = virtualBus();
    const first = await bus.publish({ type: 'a' });
    const second = await bus.publish({ type: 'a' });
    expect(first.event).toMatchObject({ source: 'unknown', payload: {} });
    expect(first.event.traceId).not.toBe('');
    expect(second.event.traceId).not.toBe(first.event.traceId);
    expect(second.event.id).not.toBe(first.event.id);
  });

  test('resolves when every delivery has settled, and not before', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(10));
    bus.subscribe('a', taking(30));
    const published = watch(bus.publish({ type: 'a' }));
    await driveTo(clock, 29);
    expect(published.now().state).toBe('pending');
    await driveTo(clock, 30);
    expect(published.now().state).toBe('fulfilled');
  });

  test('reports one delivery for each subscriber, in order of subscription', async () => {
    const { bus, clock } = virtualBus();
    const boom = new Error('boom');
    bus.subscribe('a', taking(20), { name: 'slow', service: 'one' });
    bus.subscribe('*', function quick() {});
    bus.subscribe('a', () => Promise.reject(boom), { name: 'bad' });
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.settled).toBe(true);
    expect(report.deliveries).toMatchObject([
      { subscriber: { service: 'one', handler: 'slow' }, state: 'done', attempts: 1, durationMs: 20, queuedMs: 0 },
      { subscriber: { service: '', handler: 'quick' }, state: 'done', attempts: 1, durationMs: 0 },
      { subscriber: { handler: 'bad' }, state: 'failed', attempts: 1, error: boom },
    ]);
    expect(new Set(report.deliveries.map((delivery) => delivery.deliveryId)).size).toBe(3);
  });

  test('of an event nobody subscribed to resolves with an empty report', async () => {
    const { bus } = virtualBus();
    const report = await bus.publish({ type: 'nobody.cares' });
    expect(report).toMatchObject({ deliveries: [], settled: true, event: { type: 'nobody.cares' } });
  });

  test('reports can be read late, and as JSON', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(5), { name: 'worker' });
    const report = await settle(clock, bus.publish({ type: 'a', payload: { n: 1 } }));
    bus.unsubscribe('a', () => {});
    await settle(clock, bus.publish({ type: 'a' }));
    const json: unknown = JSON.parse(JSON.stringify(report));
    expect(json).toMatchObject({
      event: { type: 'a', payload: { n: 1 } },
      deliveries: [{ state: 'done', attempts: 1, durationMs: 5 }],
      settled: true,
    });
  });

  test('starts handlers before it returns, in order of subscription', () => {
    const { bus } = virtualBus();
    const started: number[] = [];
    for (const n of [1, 2, 3]) bus.subscribe('a', () => started.push(n));
    void bus.publish({ type: 'a' });
    expect(started).toEqual([1, 2, 3]);
  });

  test('works on the machine’s own clock, too', async () => {
    const bus = new EventBus();
    const before = Date.now();
    bus.subscribe('a', (_event, context) => context.clock.sleep(2));
    const report = await bus.publish({ type: 'a' });
    expect(report.deliveries[0]).toMatchObject({ state: 'done' });
    expect(report.event.timestamp).toBeGreaterThanOrEqual(before);
    expect(report.event.timestamp).toBeLessThanOrEqual(Date.now());
  });
});

describe('an invalid event', () => {
  const long = 'x'.repeat(1_001);
  test.each<[string, unknown]>([
    ['no object', 'index.updated'],
    ['null', null],
    ['undefined', undefined],
    ['no type', {}],
    ['an empty type', { type: '' }],
    ['a pattern for a type', { type: 'index.*' }],
    ['a type with a space', { type: 'index updated' }],
    ['a type too long', { type: 'x'.repeat(201) }],
    ['a number for a type', { type: 7 }],
    ['an array for a payload', { type: 'a', payload: [] }],
    ['null for a payload', { type: 'a', payload: null }],
    ['a text for a payload', { type: 'a', payload: 'x' }],
    ['an empty trace id', { type: 'a', traceId: '' }],
    ['a number for a trace id', { type: 'a', traceId: 12345 }],
    ['a trace id too long', { type: 'a', traceId: long }],
    ['an empty source', { type: 'a', source: '' }],
    ['an object for a source', { type: 'a', source: {} }],
  ])('is refused with INVALID_EVENT, is not counted, and reaches nobody: %s', async (_what, input) => {
    const { bus } = virtualBus();
    let calls = 0;
    bus.subscribe('**', () => {
      calls++;
    });
    expect(await rejection(bus.publish(input as EventInput))).toMatchObject({ code: 'INVALID_EVENT' });
    expect(await rejection(bus.publish(input as EventInput, { wait: 'cascade' }))).toMatchObject({
      code: 'INVALID_EVENT',
    });
    expect(calls).toBe(0);
    expect(bus.getStats().eventCounts).toEqual({});
  });
});

describe('a subscription that cannot be', () => {
  const refused = (subscribe: (bus: EventBus) => unknown) => {
    const { bus } = virtualBus();
    expect(() => subscribe(bus)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(bus.getStats()).toMatchObject({ totalSubscribers: 0, subscriptions: [] });
  };

  test.each([
    { concurrency: 0 },
    { concurrency: -1 },
    { concurrency: 1.5 },
    { concurrency: Number.NaN },
    { queue: { size: -1 } },
    { queue: { size: 0.5 } },
    { queue: { size: Number.POSITIVE_INFINITY } },
    { timeout: -1 },
    { timeout: Number.NaN },
    { timeout: 2 ** 31 },
    { retry: { attempts: 0 } },
    { retry: { attempts: 1_001 } },
    { retry: { attempts: 2, delay: -1 } },
    { retry: { attempts: 2, jitter: 1.1 } },
    { retry: { attempts: 2, jitter: -0.1 } },
    { retry: { attempts: 2, maxDelay: Number.POSITIVE_INFINITY } },
    { name: '' },
    { service: 'x'.repeat(201) },
  ])('is refused with INVALID_OPTIONS, and nothing is subscribed: %j', (options) => {
    refused((bus) => bus.subscribe('a', () => {}, options));
  });

  test('an overflow or a backoff nobody knows, and what is no handler, are refused, too', () => {
    const options: unknown[] = [
      { queue: { size: 1, overflow: 'explode' } },
      { retry: { attempts: 2, backoff: 'random' } },
      { signal: {} },
    ];
    for (const each of options) refused((bus) => bus.subscribe('a', () => {}, each as object));
    refused((bus) => bus.subscribe('a', undefined as unknown as () => void));
  });

  test('a bad pattern is refused with INVALID_PATTERN, even beside good ones', () => {
    const { bus } = virtualBus();
    for (const bad of ['', 'a..b', 'a*', ['ok', '***'], []]) {
      expect(() => bus.subscribe(bad, () => {})).toThrow(expect.objectContaining({ code: 'INVALID_PATTERN' }));
    }
    expect(bus.getStats().totalSubscribers).toBe(0);
  });
});
