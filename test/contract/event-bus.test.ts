import { EventBus } from '../../src/bus/index.js';
import { ScaledClock, VirtualClock } from '../../src/kernel/index.js';
import { createRecorder } from '../../src/record/index.js';
import { watch } from '../bus/support.js';
import { describeEventBus, type MakeBus } from './event-bus.contract.js';

/** Lets virtual time pass until `promise` has settled, and no longer. */
async function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  const watched = watch(promise);
  await clock.drive({ until: () => watched.now().state !== 'pending' });
  if (watched.now().state === 'pending') throw new Error('hangs: the clock has run dry');
  return promise;
}

const realTime: MakeBus = (options = {}) => ({ bus: new EventBus(options), settle: (promise) => promise });

const fastTime: MakeBus = (options = {}) => ({
  bus: new EventBus({ ...options, clock: new ScaledClock(5) }),
  settle: (promise) => promise,
});

const virtualTime: MakeBus = (options = {}) => {
  const clock = new VirtualClock();
  return { bus: new EventBus({ ...options, clock }), settle: (promise) => settle(clock, promise) };
};

const ambient: MakeBus = (options = {}) => {
  const clock = new VirtualClock();
  return { bus: new EventBus({ ...options, clock, ambientTrace: true }), settle: (promise) => settle(clock, promise) };
};

const logged: MakeBus = (options = {}) => {
  const clock = new VirtualClock();
  const observer = createRecorder({ session: 'test', clock, level: 'debug', sink: undefined, payload: undefined });
  const log = { observer, flush: () => {} };
  return { bus: new EventBus({ ...options, clock, log }), settle: (promise) => settle(clock, promise) };
};

describeEventBus('a bus on the machine’s clock', realTime);
describeEventBus('a bus on a faster clock', fastTime);
describeEventBus('a bus on the virtual clock', virtualTime);
describeEventBus('a bus with ambient traces', ambient);
describeEventBus('a bus with a log', logged);
