/** Puts a counter, and perhaps a failure, before the timers. */
import type { Calls } from './calls.js';

const LATE_MS = 1_500;

export function patchTimers(scope: typeof globalThis, calls: Calls): void {
  const { setTimeout: timeout, setInterval: interval, setImmediate: immediate } = scope;
  const check = (name: string, delay: unknown) => {
    if (calls.fails('timer', 'error', `${name} ${delay}`)) throw new Error(`injected: ${name} failed`);
    return calls.fails('timer', 'late', `${name} ${delay}`);
  };
  replace(scope, 'setTimeout', timeout, (callback: () => void, delay = 0, ...args: []) =>
    timeout(callback, delay + (check('setTimeout', delay) ? LATE_MS : 0), ...args),
  );
  replace(scope, 'setInterval', interval, (callback: () => void, delay = 0, ...args: []) => {
    check('setInterval', delay);
    return interval(callback, delay, ...args);
  });
  replace(scope, 'setImmediate', immediate, (callback: () => void, ...args: []) =>
    check('setImmediate', 0) ? timeout(callback, LATE_MS, ...args) : immediate(callback, ...args),
  );
}

/** The replacement keeps what hangs on the original, such as its promisified form. */
function replace(scope: typeof globalThis, name: string, original: object, replacement: object): void {
  Object.defineProperties(replacement, Object.getOwnPropertyDescriptors(original));
  Reflect.set(scope, name, replacement);
}
