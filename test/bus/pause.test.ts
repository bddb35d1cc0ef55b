import { describe, expect, test } from 'vitest';
import { driveTo, settle, virtualBus } from './support.js';

describe('pause', () => {
  test('keeps deliveries from starting; those that run go on', async () => {
    const { bus, clock } = virtualBus();
    const ends: string[] = [];
    bus.subscribe('a', async (event, context) => {
      await context.clock.sleep(10);
      ends.push(`${event.payload.n}@${clock.now()}`);
    });
    void bus.publish({ type: 'a', payload: { n: 1 } });
    await driveTo(clock, 5);
    bus.pause();
    expect(bus.paused).toBe(true);
    void bus.publish({ type: 'a', payload: { n: 2 } });
    await driveTo(clock, 100);
    expect(ends).toEqual(['1@10']);
    expect(bus.getStats().deliveries.queued).toBe(1);
    bus.resume();
    expect(bus.paused).toBe(false);
    await driveTo(clock, 110);
    expect(ends).toEqual(['1@10', '2@110']);
  });

  test('holds retries that fall due, and slots that come free', async () => {
    const { bus, clock } = virtualBus();
    const starts: string[] = [];
    bus.subscribe(
      'a',
      async (event, context) => {
        starts.push(`${event.payload.n}.${context.attempt}@${clock.now()}`);
        await context.clock.sleep(10);
        if (event.payload.n === 1 && context.attempt === 1) throw new Error('once');
      },
      { concurrency: 1, retry: { attempts: 2, delay: 5 } },
    );
    for (const n of [1, 2]) void bus.publish({ type: 'a', payload: { n } });
    await driveTo(clock, 1);
    bus.pause();
    await driveTo(clock, 100);
    bus.resume();
    await settle(clock, bus.idle());
    expect(starts).toEqual(['1.1@0', '1.2@100', '2.1@110']);
  });

  test('twice is paused once, and resuming a running bus does nothing', async () => {
    const { bus } = virtualBus();
    let calls = 0;
    bus.subscribe('a', () => void calls++);
    bus.resume();
    bus.pause();
    bus.pause();
    bus.resume();
    await bus.publish({ type: 'a' });
    expect(calls).toBe(1);
  });
});
