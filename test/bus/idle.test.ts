import { describe, expect, test } from 'vitest';
import { driveTo, hang, rejection, settle, taking, virtualBus, watch } from './support.js';

describe('idle', () => {
  test('resolves at once when nothing is under way', async () => {
    const { bus } = virtualBus();
    await bus.idle();
    await bus.publish({ type: 'a' });
    await bus.idle();
  });

  test('waits for the whole cascade: nested events, retries and delayed publishes included', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', (_event, context) => {
      void context.publish({ type: 'b' });
      context.publishAfter(100, { type: 'c' });
    });
    bus.subscribe(
      'b',
      (_event, { attempt }) => {
        if (attempt === 1) throw new Error('once');
      },
      { retry: { attempts: 2, delay: 50 } },
    );
    bus.subscribe('c', taking(25));
    await bus.publish({ type: 'a' });
    const idle = watch(bus.idle());
    await driveTo(clock, 124);
    expect(idle.now().state).toBe('pending');
    await driveTo(clock, 125);
    expect(idle.now().state).toBe('fulfilled');
  });

  test('waits for deliveries that a publish left out of its own wait', async () => {
    const { bus, clock } = virtualBus();
    const ends: number[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        if (event.causationId === undefined) await context.publish({ type: 'a' });
        await context.clock.sleep(10);
        ends.push(clock.now());
      },
      { concurrency: 1 },
    );
    void bus.publish({ type: 'a' });
    await settle(clock, bus.idle());
    expect(ends).toEqual([10, 20]);
  });

  test('waits while the bus is paused with events queued', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(5));
    bus.pause();
    void bus.publish({ type: 'a' });
    const idle = watch(bus.idle());
    await driveTo(clock, 100);
    expect(idle.now().state).toBe('pending');
    bus.resume();
    await driveTo(clock, 105);
    expect(idle.now().state).toBe('fulfilled');
  });

  test('rejects with TIMEOUT when it takes too long; the bus goes on, and another wait may follow', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(50));
    void bus.publish({ type: 'a' });
    const idle = rejection(bus.idle({ timeout: 10 }));
    await driveTo(clock, 10);
    expect(await idle).toMatchObject({ code: 'TIMEOUT' });
    await settle(clock, bus.idle({ timeout: 100 }));
    expect(clock.now()).toBe(50);
    expect(clock.pending).toBe(0);
  });

  test('serves everyone who waits, and leaves no timer', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', taking(50));
    void bus.publish({ type: 'a' });
    const waits = [bus.idle(), bus.idle({ timeout: 1_000 }), bus.idle()].map(watch);
    await driveTo(clock, 50);
    expect(waits.map((wait) => wait.now().state)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
    expect(clock.pending).toBe(0);
  });

  test('refuses a bad timeout', async () => {
    const { bus } = virtualBus();
    for (const timeout of [-1, Number.NaN]) {
      expect(await rejection(bus.idle({ timeout }))).toMatchObject({ code: 'INVALID_OPTIONS' });
    }
  });

  test('never comes where a handler hangs', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe('a', hang);
    void bus.publish({ type: 'a' });
    await expect(settle(clock, bus.idle())).rejects.toThrow('hangs');
  });
});
