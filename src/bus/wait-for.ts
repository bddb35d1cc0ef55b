/** `waitFor`: the next event of a kind, or one that already happened. Waiters are no subscribers: nothing is delivered to them. */
import { CfBusError, type Clock, type Timer } from '../kernel/index.js';
import type { Event } from './event.js';
import type { History } from './history.js';
import { checkNumber } from './options.js';
import { matcher } from './pattern.js';

export interface WaitForOptions<E extends Event = Event> {
  readonly predicate?: ((event: E) => boolean) | undefined;
  /** Milliseconds; default: no limit. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Looks at events that already happened first, the newest first: all that are kept, or those of the last so many milliseconds. */
  readonly past?: boolean | number | undefined;
}

interface Waiter {
  readonly accepts: (event: Event) => boolean;
  readonly resolve: (event: Event) => void;
  readonly reject: (error: unknown) => void;
}

export class Waiters {
  readonly #waiters = new Set<Waiter>();
  readonly #clock: Clock;
  readonly #history: History;

  constructor(clock: Clock, history: History) {
    this.#clock = clock;
    this.#history = history;
  }

  get size(): number {
    return this.#waiters.size;
  }

  /** Gives an event to everybody who waits for it. */
  notify(event: Event): void {
    for (const waiter of [...this.#waiters]) {
      try {
        if (waiter.accepts(event)) waiter.resolve(event);
      } catch (error) {
        waiter.reject(error);
      }
    }
  }

  rejectAll(error: CfBusError): void {
    for (const waiter of [...this.#waiters]) waiter.reject(error);
  }

  async wait(pattern: string, options: WaitForOptions): Promise<Event> {
    const matches = matcher(pattern);
    const { predicate, timeout, signal, past } = options;
    if (timeout !== undefined) checkNumber('timeout', timeout, 0, Number.MAX_SAFE_INTEGER);
    if (typeof past === 'number') checkNumber('past', past, 0, Number.MAX_SAFE_INTEGER);
    signal?.throwIfAborted();
    const accepts = (event: Event) => matches(event.type) && (predicate === undefined || predicate(event));
    return this.#fromPast(accepts, past) ?? this.#next(pattern, accepts, timeout, signal);
  }

  #fromPast(accepts: (event: Event) => boolean, past: boolean | number | undefined): Event | undefined {
    if (past === undefined || past === false) return undefined;
    const oldest = past === true ? Number.NEGATIVE_INFINITY : this.#clock.wallTime() - past;
    for (const event of this.#history.newestFirst()) {
      if (event.timestamp < oldest) return undefined;
      if (accepts(event)) return event;
    }
    return undefined;
  }

  #next(
    pattern: string,
    accepts: (event: Event) => boolean,
    timeout: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Event> {
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const done = () => {
        timer?.cancel();
        signal?.removeEventListener('abort', onAbort);
        this.#waiters.delete(waiter);
      };
      const waiter: Waiter = {
        accepts,
        resolve: (event) => {
          done();
          resolve(event);
        },
        reject: (error) => {
          done();
          reject(error);
        },
      };
      const onAbort = () => waiter.reject(signal?.reason);
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (timeout === undefined) return;
      const error = () =>
        new CfBusError('TIMEOUT', `no event matching ${pattern} within ${timeout} ms`, { exitCode: 1 });
      timer = this.#clock.setTimer(timeout, () => waiter.reject(error()));
    });
  }
}
