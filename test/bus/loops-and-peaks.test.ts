import { expect, test } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import { VirtualClock } from '../../src/kernel/index.js';

test('a cascade that grows without end is refused cheaply, with one error for all refused publishes', async () => {
  const bus = new EventBus({ clock: new VirtualClock(), limits: { events: 20_000 } });
  const refused = new Set<unknown>();
  bus.subscribe('rabbit.born', (_event, { publish }) => {
    for (let child = 0; child < 2; child++) publish({ type: 'rabbit.born' }).catch((error) => refused.add(error));
  });
  await bus.publish({ type: 'rabbit.born' }, { wait: 'cascade' });
  expect([...refused]).toMatchObject([{ code: 'EVENT_LOOP', message: expect.stringContaining('rabbit.born') }]);
  expect(bus.getStats().eventCounts).toEqual({ 'rabbit.born': 20_000 });
});

test('statistics tell the most that ever waited for a slot, retries included and free slots left out', async () => {
  const clock = new VirtualClock();
  const bus = new EventBus({ clock });
  const work = () => new Promise<void>((resolve) => clock.setTimer(10, resolve));
  bus.subscribe('job', work, { name: 'single', concurrency: 1 });
  let failures = 1;
  bus.subscribe(
    'try',
    () => {
      if (failures-- > 0) throw new Error('not yet');
    },
    { name: 'retrying', concurrency: 1, retry: { attempts: 2, delay: 5 } },
  );
  for (let job = 0; job < 4; job++) void bus.publish({ type: 'job' });
  void bus.publish({ type: 'try' });
  await clock.drive();
  const peaks = bus.getStats().subscriptions.map(({ handler, peakQueued, queued }) => [handler, peakQueued, queued]);
  expect(peaks).toEqual([
    ['single', 3, 0],
    ['retrying', 0, 0],
  ]);
});
