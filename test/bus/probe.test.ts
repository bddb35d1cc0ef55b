import { describe, expect, test } from 'vitest';
import type { BusObserver, DeliveryView } from '../../src/bus/index.js';
import { DropDelivery } from '../../src/bus/index.js';
import { hang, settle, taking, turn, type VirtualBus, virtualBus } from './support.js';

const METHODS = [
  'subscribed',
  'unsubscribed',
  'published',
  'started',
  'completed',
  'failed',
  'dead',
  'dropped',
  'abandoned',
] as const satisfies readonly (keyof BusObserver)[];

/** An observer that does `act` at every step. */
function everywhere(act: (method: string) => void): BusObserver {
  const observer: Record<string, () => void> = {};
  for (const method of METHODS) observer[method] = () => act(method);
  return observer;
}

/** A run in which every step of the probe occurs; gives what became of the deliveries. */
async function eventfulRun({ bus, clock }: VirtualBus): Promise<unknown> {
  bus.subscribe('a', () => {}, { name: 'done' });
  bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'failed' });
  bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'dead', retry: { attempts: 2, delay: 5 } });
  bus.subscribe('a', taking(50), { name: 'full', concurrency: 1, queue: { size: 0, overflow: 'drop_newest' } });
  bus.subscribe('a', () => {}, { name: 'once', once: true });
  bus.subscribe('b', hang, { name: 'stuck' });
  const reports = Promise.all([bus.publish({ type: 'a' }), bus.publish({ type: 'a' })]);
  void bus.publish({ type: 'b' });
  const closed = await settle(clock, bus.close({ timeout: 1_000 }));
  const states = (await reports).map((report) => report.deliveries.map((delivery) => delivery.state));
  return { states, stats: closed.stats, abandoned: closed.abandoned.map((delivery) => delivery.subscriber.handler) };
}

describe('the probe', () => {
  test('tells every step, in order', async () => {
    const { bus, clock } = virtualBus();
    const steps: string[] = [];
    const of = (delivery: DeliveryView) => `${delivery.subscriber.handler}#${delivery.attempt}`;
    bus.probe.attach({
      subscribed: (subscriber, pattern, total) =>
        void steps.push(`subscribed ${subscriber.handler} ${pattern} ${total}`),
      unsubscribed: (subscriber, pattern, total) =>
        void steps.push(`unsubscribed ${subscriber.handler} ${pattern} ${total}`),
      published: (event, count) => void steps.push(`published ${event.type} to ${count}`),
      started: (delivery) => void steps.push(`started ${of(delivery)}`),
      completed: (delivery) => void steps.push(`completed ${of(delivery)} in ${delivery.durationMs}`),
      failed: (delivery, { willRetry }) => void steps.push(`failed ${of(delivery)} retry ${willRetry}`),
      dead: (delivery) => void steps.push(`dead ${of(delivery)}`),
    });
    const good = bus.subscribe('a', taking(10), { name: 'good' });
    bus.subscribe('a', () => Promise.reject(new Error('no')), { name: 'bad', retry: { attempts: 2, delay: 1 } });
    await settle(clock, bus.publish({ type: 'a' }));
    good.unsubscribe();
    expect(steps).toEqual([
      'subscribed good a 1',
      'subscribed bad a 2',
      'published a to 2',
      'started good#1',
      'started bad#1',
      'failed bad#1 retry true',
      'started bad#2',
      'failed bad#2 retry false',
      'dead bad#2',
      'completed good#1 in 10',
      'unsubscribed good a 1',
    ]);
  });

  test('observers that throw at every step change nothing that is delivered, and are counted', async () => {
    const quiet = await eventfulRun(virtualBus());
    const watched = virtualBus();
    const told: string[] = [];
    watched.bus.probe.attach(
      everywhere((method) => {
        told.push(method);
        throw new Error(method);
      }),
    );
    const others: string[] = [];
    watched.bus.probe.attach(everywhere((method) => void others.push(method)));
    expect(await eventfulRun(watched)).toEqual(quiet);
    expect(watched.bus.probe.observerErrors).toBe(told.length);
    expect(new Set(told)).toEqual(new Set(METHODS));
    expect(others).toEqual(told);
  });

  test('observers whose methods are async and reject are counted, too, and end no process', async () => {
    const { bus } = virtualBus();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    bus.probe.attach({ published: () => Promise.reject(new Error('observer')) });
    await bus.publish({ type: 'a' });
    await turn();
    process.off('unhandledRejection', note);
    expect([bus.probe.observerErrors, unhandled]).toEqual([1, []]);
  });

  test('an observer without methods costs nothing and breaks nothing', async () => {
    const quiet = await eventfulRun(virtualBus());
    const watched = virtualBus();
    watched.bus.probe.attach({});
    expect(await eventfulRun(watched)).toEqual(quiet);
  });

  test('tells nothing more once an observer has left, even in the middle of a step', async () => {
    const { bus } = virtualBus();
    const told: string[] = [];
    const leave = bus.probe.attach({
      published: () => {
        told.push('leaving');
        leave();
        leave();
      },
    });
    const stay = { published: () => void told.push('staying') };
    bus.probe.attach(stay);
    await bus.publish({ type: 'a' });
    await bus.publish({ type: 'a' });
    expect(told).toEqual(['leaving', 'staying', 'staying']);
  });

  test('the same observer attached twice is told twice, and leaves once at a time', async () => {
    const { bus } = virtualBus();
    let told = 0;
    const observer = { published: () => void told++ };
    const leave = bus.probe.attach(observer);
    bus.probe.attach(observer);
    await bus.publish({ type: 'a' });
    leave();
    leave();
    await bus.publish({ type: 'a' });
    expect(told).toBe(3);
  });

  test('shows the fault that acted on an attempt, and only on that one', async () => {
    const { bus, clock } = virtualBus();
    const faults: unknown[] = [];
    const note = (delivery: DeliveryView) => void faults.push(`${delivery.attempt}: ${delivery.fault}`);
    bus.probe.attach({ failed: note, completed: note });
    bus.subscribe(
      'a',
      (_event, context) => {
        if (context.attempt === 2) return;
        context.markFault('error');
        throw new Error('simulated');
      },
      { retry: { attempts: 2 } },
    );
    await settle(clock, bus.publish({ type: 'a' }));
    expect(faults).toEqual(['1: error', '2: undefined']);
  });
});

describe('a delivery dropped by a fault', () => {
  test('ends as `dropped` with its reason; it is no error and is not retried', async () => {
    const { bus, clock } = virtualBus();
    bus.subscribe(
      'a',
      () => {
        throw new DropDelivery('fault');
      },
      { retry: { attempts: 3 } },
    );
    const report = await settle(clock, bus.publish({ type: 'a' }));
    expect(report.deliveries[0]).toMatchObject({ state: 'dropped', reason: 'fault', attempts: 1 });
    expect(bus.getStats()).toMatchObject({ errorCounts: {}, deliveries: { dropped: 1 } });
  });
});
