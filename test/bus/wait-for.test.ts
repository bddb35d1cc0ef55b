import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { driveTo, rejection, settle, turn, virtualBus, watch } from './support.js';

describe('waitFor', () => {
  test('resolves with the next event that matches, and only the next', async () => {
    const { bus } = virtualBus();
    const waiting = bus.waitFor('index.*');
    await bus.publish({ type: 'query.received', payload: { query: 'x' } });
    await bus.publish({ type: 'index.started', payload: { repo_path: '/first' } });
    await bus.publish({ type: 'index.started', payload: { repo_path: '/second' } });
    expect(await waiting).toMatchObject({ type: 'index.started', payload: { repo_path: '/first' } });
  });

  test('is no subscriber: nothing is delivered to it or counted for it', async () => {
    const { bus } = virtualBus();
    void bus.waitFor('a');
    expect(bus.getStats()).toMatchObject({ totalSubscribers: 0, totalEventTypes: 0 });
    expect((await bus.publish({ type: 'a' })).deliveries).toEqual([]);
  });

  test('serves everyone who waits with the same event', async () => {
    const { bus } = virtualBus();
    const waiting = Promise.all([bus.waitFor('a'), bus.waitFor('*'), bus.waitFor('**')]);
    const { event } = await bus.publish({ type: 'a' });
    expect(await waiting).toEqual([event, event, event]);
  });

  test('waits on until the predicate agrees', async () => {
    const { bus } = virtualBus();
    const waiting = bus.waitFor('a', { predicate: (event) => event.payload.n === 3 });
    for (const n of [1, 2, 3, 4]) await bus.publish({ type: 'a', payload: { n } });
    expect((await waiting).payload).toEqual({ n: 3 });
  });

  test('rejects with what the predicate throws; other waiters and the publish go on', async () => {
    const { bus } = virtualBus();
    const bug = new Error('predicate');
    const failing = rejection(
      bus.waitFor('a', {
        predicate: () => {
          throw bug;
        },
      }),
    );
    const other = bus.waitFor('a');
    const { event } = await bus.publish({ type: 'a' });
    expect(await failing).toBe(bug);
    expect(await other).toBe(event);
  });

  test('rejects with TIMEOUT when nothing comes in time, and not a moment earlier', async () => {
    const { bus, clock } = virtualBus();
    const waiting = watch(bus.waitFor('a', { timeout: 100 }));
    await driveTo(clock, 99);
    expect(waiting.now().state).toBe('pending');
    await driveTo(clock, 100);
    expect(waiting.now()).toMatchObject({ state: 'rejected', reason: { code: 'TIMEOUT' } });
  });

  test('leaves no timer and no listener, however it ends', async () => {
    const { bus, clock } = virtualBus();
    const { signal } = new AbortController();
    const found = bus.waitFor('a', { timeout: 1_000, signal });
    await bus.publish({ type: 'a' });
    await found;
    const late = rejection(bus.waitFor('a', { timeout: 10, signal }));
    await driveTo(clock, 10);
    await late;
    const aborter = new AbortController();
    const aborted = rejection(bus.waitFor('a', { timeout: 1_000, signal: aborter.signal }));
    aborter.abort();
    await aborted;
    expect(clock.pending).toBe(0);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
    expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
  });

  test('rejects with the signal’s reason, also when it has aborted already', async () => {
    const { bus } = virtualBus();
    const controller = new AbortController();
    const waiting = rejection(bus.waitFor('a', { signal: controller.signal }));
    const reason = new Error('changed my mind');
    controller.abort(reason);
    expect(await waiting).toBe(reason);
    expect(await rejection(bus.waitFor('a', { signal: controller.signal }))).toBe(reason);
  });

  test('refuses a bad pattern and a bad timeout', async () => {
    const { bus } = virtualBus();
    expect(await rejection(bus.waitFor('a..b'))).toMatchObject({ code: 'INVALID_PATTERN' });
    expect(await rejection(bus.waitFor('a', { timeout: -1 }))).toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  test('rejects with BUS_CLOSED when the bus closes, and after', async () => {
    const { bus } = virtualBus();
    const waiting = rejection(bus.waitFor('a'));
    await bus.close();
    expect(await waiting).toMatchObject({ code: 'BUS_CLOSED' });
    expect(await rejection(bus.waitFor('a', { past: true }))).toMatchObject({ code: 'BUS_CLOSED' });
  });

  test('sees events that handlers publish', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', async (_event, context) => {
      await context.clock.sleep(10);
      await context.publish({ type: 'b' });
    });
    const waiting = bus.waitFor('b');
    const { event } = await settle(clock, bus.publish({ type: 'a' }));
    expect((await waiting).causationId).toBe(event.id);
  });
});

describe('waitFor with `past`', () => {
  test('finds the newest of the events that already happened', async () => {
    const { bus } = virtualBus();
    for (const n of [1, 2, 3]) await bus.publish({ type: 'a', payload: { n } });
    await bus.publish({ type: 'b' });
    expect((await bus.waitFor('a', { past: true })).payload).toEqual({ n: 3 });
    expect((await bus.waitFor('a', { past: true, predicate: (event) => event.payload.n !== 3 })).payload).toEqual({
      n: 2,
    });
  });

  test('waits for the next one where none is found', async () => {
    const { bus } = virtualBus();
    await bus.publish({ type: 'b' });
    const waiting = watch(bus.waitFor('a', { past: true }));
    const { event } = await bus.publish({ type: 'a' });
    await turn();
    expect(waiting.now()).toEqual({ state: 'fulfilled', value: event });
  });

  test('without it the past does not count', async () => {
    const { bus, clock } = virtualBus();
    await bus.publish({ type: 'a' });
    for (const past of [undefined, false]) {
      const waiting = rejection(bus.waitFor('a', { past, timeout: 5 }));
      expect(await settle(clock, waiting)).toMatchObject({ code: 'TIMEOUT' });
    }
  });

  test('as a number looks back so many milliseconds', async () => {
    const { bus, clock } = virtualBus();
    await bus.publish({ type: 'a' });
    await driveTo(clock, 100);
    expect((await bus.waitFor('a', { past: 100 })).type).toBe('a');
    const waiting = rejection(bus.waitFor('a', { past: 99, timeout: 5 }));
    expect(await settle(clock, waiting)).toMatchObject({ code: 'TIMEOUT' });
  });

  test('remembers as many events as the bus was told to', async () => {
    const { bus, clock } = virtualBus({ history: 3 });
    for (const n of [1, 2, 3, 4]) await bus.publish({ type: 'a', payload: { n } });
    const of = (n: number) => bus.waitFor('a', { past: true, timeout: 5, predicate: (event) => event.payload.n === n });
    for (const n of [2, 3, 4]) expect((await of(n)).payload).toEqual({ n });
    expect(await settle(clock, rejection(of(1)))).toMatchObject({ code: 'TIMEOUT' });
  });

  test('a history of 0 remembers nothing, and a bad one is refused', async () => {
    const { bus, clock } = virtualBus({ history: 0 });
    await bus.publish({ type: 'a' });
    const waiting = rejection(bus.waitFor('a', { past: true, timeout: 5 }));
    expect(await settle(clock, waiting)).toMatchObject({ code: 'TIMEOUT' });
    expect(() => virtualBus({ history: -1 })).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });
});
