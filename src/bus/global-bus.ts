/** The one bus of a process. It lives on the global object, so that two copies of this package share it. */
import { EventBus } from './event-bus.js';

const KEY = Symbol.for('cf-bus');

/** The process's bus, or the one that `make` gives where there is none yet or the last one was closed. */
export function globalBus(make: () => EventBus): EventBus {
  const existing: unknown = Reflect.get(globalThis, KEY);
  if (isOpenBus(existing)) return existing;
  const bus = make();
  installGlobalBus(bus);
  return bus;
}

/** Makes `bus` the process's: inside `cf-bus run`, handlers that ask for it get the session's. */
export function installGlobalBus(bus: EventBus): void {
  Reflect.set(globalThis, KEY, bus);
}

/** Another copy's bus is none of our class; what it can do tells it. */
function isOpenBus(value: unknown): value is EventBus {
  if (value instanceof EventBus) return !value.closed;
  if (typeof value !== 'object' || value === null || !('publish' in value) || !('closed' in value)) return false;
  return typeof value.publish === 'function' && value.closed === false;
}
