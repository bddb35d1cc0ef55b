/** The bus's face. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { CfBusError, type Clock, Ids, realClock, StepClock, type Timer, unseededRandom } from '../kernel/index.js';
import { AbortListeners } from './abort-listeners.js';
import type { Context } from './context.js';
import { type CascadeLimits, Engine } from './engine.js';
import type { Event, EventInput } from './event.js';
import { History } from './history.js';
import { checkNumber, checkSubscribeOptions } from './options.js';
import { parsePattern } from './pattern.js';
import type { BusObserver, Probe } from './probe.js';
import { ProbeHub } from './probe-hub.js';
import type { CascadeReport, CloseReport, DeliveryReport, PublishReport } from './report.js';
import { Router } from './router.js';
import type { BusStats } from './stats.js';
import { Subscriber } from './subscriber.js';
import { Subscribers } from './subscribers.js';
import type { Handler, SubscribeOptions, Subscription } from './subscription-options.js';
import { Waiters, type WaitForOptions } from './wait-for.js';

/** Where a bus logs to. */
export interface EventLog {
  /** The session its records carry; ids of events begin with the same where the bus makes them itself. */
  readonly session?: string | undefined;
  readonly observer: BusObserver;
  /** Resolves when everything observed so far is written. */
  flush(): void | Promise<void>;
}

export interface EventBusOptions {
  /** Default: no log. `openLog` makes one. */
  readonly log?: EventLog | undefined;
  /** Events kept for `waitFor` with `past`; default 1000, 0 keeps none. */
  readonly history?: number | undefined;
  /** Makes every publish inside a handler, not only `context.publish`, belong to the handled event. Default false: it costs some speed. */
  readonly ambientTrace?: boolean | undefined;
  /** Bounds on what one root event may cause; default: none. */
  readonly limits?: Partial<CascadeLimits> | undefined;
  /** Time; default the machine's. */
  readonly clock?: Clock | undefined;
  readonly ids?: Ids | undefined;
  /** Numbers from 0 to 1, for retry jitter. Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

/** An event on its way. */
export interface TrackedPublish<T extends string = string> {
  readonly event: Event<T>;
  readonly settled: Promise<CascadeReport<T>>;
}

/** The event a handler of pattern `P` gets: typed for exact types, any event for wildcards. */
export type EventFor<P extends string> = P extends `${string}*${string}` ? Event : P extends unknown ? Event<P> : never;

export type HandlerFor<P extends string> = (event: EventFor<P>, context: Parameters<Handler>[1]) => unknown;

const DEFAULT_HISTORY = 1_000;

/**
 * An in-process publish/subscribe bus. Handlers are isolated from each other, publishes wait for their deliveries, and
 * every step can be watched through `probe`.
 */
export class EventBus {
  readonly #ids: Ids;
  readonly #makers: { readonly ids: Ids };
  readonly #clock: Clock;
  readonly #hub: ProbeHub;
  readonly #router = new Router<Subscriber>();
  readonly #subscribers = new Subscribers();
  readonly #signals = new AbortListeners();
  readonly #history: History;
  readonly #waiters: Waiters;
  readonly #engine: Engine;
  readonly #log: EventLog | undefined;
  #idleWaiters: (() => void)[] = [];
  #order = 0;
  #closing: Promise<CloseReport> | undefined;

  /** @throws CfBusError `INVALID_OPTIONS` */
  constructor(options: EventBusOptions = {}) {
    const { history = DEFAULT_HISTORY, limits, random } = options;
    const { depth = Number.POSITIVE_INFINITY, events = Number.POSITIVE_INFINITY } = limits ?? {};
    checkNumber('history', history, 0, 1e7);
    checkNumber('limits.depth', depth, 1, Number.POSITIVE_INFINITY);
    checkNumber('limits.events', events, 1, Number.POSITIVE_INFINITY);
    this.#clock = options.clock ?? realClock;
    this.#ids = options.ids ?? new Ids(options.log?.session);
    // Virtual and scaled clocks are quick to ask; the machine's is not, and only observers see single steps.
    const steps = this.#clock === realClock ? new StepClock(() => this.#hub.active) : undefined;
    this.#hub = new ProbeHub(() => steps?.endBurst());
    this.#makers = { ids: this.#ids };
    this.#history = new History(Math.floor(history));
    this.#waiters = new Waiters(this.#clock, this.#history);
    this.#log = options.log;
    if (this.#log !== undefined) this.#hub.attach(this.#log.observer);
    this.#engine = new Engine({
      clock: this.#clock,
      time: steps ?? this.#clock,
      ids: this.#ids,
      random: random ?? unseededRandom,
      router: this.#router,
      hub: this.#hub,
      ambient: options.ambientTrace === true ? new AsyncLocalStorage<Context>() : undefined,
      limits: { depth, events },
      onPublished: (event) => {
        this.#history.add(event);
        if (this.#waiters.size > 0) this.#waiters.notify(event);
      },
      unsubscribe: (subscriber) => this.#end(subscriber),
      onQuietSubscriber: (subscriber) => this.#subscribers.retire(subscriber),
      onIdle: () => this.#wakeIdle(),
    });
  }

  /** Where observers (a log, a dashboard, metrics) attach. */
  get probe(): Probe {
    return this.#hub;
  }

  /** True from the call of `close` on. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** True while nothing is under way; see `idle`. */
  get idleNow(): boolean {
    return this.#engine.pending === 0;
  }

  /** True between `pause` and `resume`. */
  get paused(): boolean {
    return this.#engine.paused;
  }

  /**
   * Publishes an event. Handlers start in the order of subscription before this returns, as far as their slots allow.
   * Resolves when every delivery has ended, whatever the handlers did; with `wait: 'cascade'` when everything that the event
   * caused, directly or not, has ended.
   * @throws (rejects with) CfBusError `INVALID_EVENT`, `BUS_CLOSED`, `EVENT_LOOP` (see `limits`), `WOULD_DEADLOCK` (waiting for the cascade inside it).
   */
  publish<const T extends string>(
    input: EventInput<T>,
    options: { readonly wait: 'cascade' },
  ): Promise<CascadeReport<T>>;
  publish<const T extends string>(input: EventInput<T>): Promise<PublishReport<T>>;
  publish<const T extends string>(
    input: EventInput<T>,
    options?: { readonly wait: 'cascade' },
  ): Promise<PublishReport<T> | CascadeReport<T>> {
    if (options?.wait !== 'cascade') return this.#engine.publish(input);
    try {
      return this.publishTracked(input).settled;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Publishes an event and gives it at once, for those who must know its id before it has settled. `settled` resolves
   * like `publish` with `wait: 'cascade'`, and never rejects.
   * @throws CfBusError as `publish`.
   */
  publishTracked<const T extends string>(input: EventInput<T>): TrackedPublish<T> {
    const { event, cascade } = this.#engine.publishCascade(input);
    const report = (): CascadeReport<T> => {
      const { failed, dead, abandoned } = cascade.outcome();
      return { event, events: cascade.events, failed, dead, abandoned };
    };
    if (cascade.pending === 0) return { event, settled: Promise.resolve(report()) };
    return { event, settled: new Promise((resolve) => cascade.whenQuiet(() => resolve(report()))) };
  }

  /**
   * Delivers events of a type, of types matching a pattern (`index.*`, `**`), or of any of several, to `handler`.
   * One subscription gets each event once, however many of its patterns match.
   * @throws CfBusError `INVALID_PATTERN`, `INVALID_OPTIONS`, `BUS_CLOSED`
   */
  subscribe<const P extends string>(
    pattern: P | readonly P[],
    handler: HandlerFor<P>,
    options: SubscribeOptions = {},
  ): Subscription {
    if (this.#closing !== undefined) throw closedError();
    if (typeof handler !== 'function') throw new CfBusError('INVALID_OPTIONS', 'a handler is a function');
    // Repeated ones count once; those who share a single pattern share the array, too.
    const patterns = typeof pattern === 'string' ? this.#router.alone(pattern) : [...new Set<string>(pattern)];
    if (patterns.length === 0) throw new CfBusError('INVALID_PATTERN', 'a subscription needs a pattern at least');
    for (const each of patterns) parsePattern(each);
    const checked = checkSubscribeOptions(options, handler.name);
    // The router hands a handler only events of its own patterns, which is what its narrower type says.
    const subscriber = new Subscriber(this.#makers, this.#order++, patterns, handler as Handler, checked);
    if (options.signal?.aborted !== true) this.#begin(subscriber, options.signal);
    else subscriber.patterns = [];
    const end = () => this.#end(subscriber);
    return {
      id: subscriber.subscriptionId,
      get active() {
        return subscriber.active;
      },
      unsubscribe: end,
      [Symbol.dispose]: end,
    };
  }

  /** Ends what `handler` subscribed to `pattern`; false where there was nothing. Other patterns of the same subscription stay. */
  unsubscribe<const P extends string>(pattern: P, handler: HandlerFor<P>): boolean {
    let found = false;
    for (const subscriber of this.#subscribers.of(handler as Handler)) {
      if (!subscriber.patterns.includes(pattern)) continue;
      found = true;
      if (subscriber.patterns.length === 1) this.#end(subscriber);
      else this.#leave(subscriber, pattern);
    }
    return found;
  }

  /**
   * The next event that matches, or with `past` one that already happened (the newest of those kept).
   * @throws (rejects with) CfBusError `TIMEOUT`, `BUS_CLOSED`, `INVALID_PATTERN`; the signal's reason; what `predicate` throws.
   */
  waitFor<const P extends string>(pattern: P, options: WaitForOptions<EventFor<P>> = {}): Promise<EventFor<P>> {
    if (this.#closing !== undefined) return Promise.reject(closedError());
    // As in `subscribe`: only events of `pattern` reach the predicate and the caller.
    return this.#waiters.wait(pattern, options as WaitForOptions) as Promise<EventFor<P>>;
  }

  /**
   * Resolves when nothing is under way: no delivery queued, running or waiting for a retry, no delayed publish.
   * @throws (rejects with) CfBusError `TIMEOUT` after `timeout` milliseconds (default: no limit), `INVALID_OPTIONS`.
   */
  async idle(options: { readonly timeout?: number | undefined } = {}): Promise<void> {
    const { timeout } = options;
    checkTimeout(timeout);
    if (this.#engine.pending === 0) return;
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined;
      const wake = () => {
        timer?.cancel();
        resolve();
      };
      this.#idleWaiters.push(wake);
      if (timeout === undefined) return;
      timer = this.#clock.setTimer(timeout, () => {
        this.#idleWaiters = this.#idleWaiters.filter((other) => other !== wake);
        reject(
          new CfBusError(
            'TIMEOUT',
            `the bus was not idle within ${timeout} ms: ${this.#engine.pending} still under way`,
          ),
        );
      });
    });
  }

  /** Keeps deliveries from starting; those that run go on. What is published meanwhile is queued. */
  pause(): void {
    // A closing bus would never drain.
    if (this.#closing === undefined) this.#engine.paused = true;
  }

  resume(): void {
    this.#engine.paused = false;
    for (const subscriber of [...this.#subscribers]) this.#engine.pump(subscriber);
  }

  /**
   * Takes no more events from outside, waits at most `timeout` milliseconds (default: no limit) until what is under way has
   * ended, gives up the rest, ends all subscriptions and flushes the log. Calling it again gives the same promise.
   * @throws (rejects with) CfBusError `INVALID_OPTIONS`; the bus stays open then.
   */
  close(options: { readonly timeout?: number | undefined } = {}): Promise<CloseReport> {
    try {
      checkTimeout(options.timeout);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.#closing === undefined) {
      this.#engine.intake = 'draining';
      // Not in this call: a handler that starts because a paused bus goes on may call `close` itself.
      this.#closing = Promise.resolve().then(() => this.#close(options.timeout));
    }
    return this.#closing;
  }

  /** The guide's statistics, and figures for each subscription; see `CloseReport` for those at the end. */
  getStats(): BusStats {
    const eventCounts: [string, number][] = [];
    const errorCounts: [string, number][] = [];
    for (const entry of this.#router.types()) {
      if (entry.published > 0) eventCounts.push([entry.type, entry.published]);
      if (entry.errors > 0) errorCounts.push([entry.type, entry.errors]);
    }
    const { patternCount, subscriptionCount } = this.#router;
    return {
      totalEventTypes: patternCount,
      totalSubscribers: subscriptionCount,
      // Not by assignment: `__proto__` is a type like any other.
      eventCounts: Object.fromEntries(eventCounts),
      errorCounts: Object.fromEntries(errorCounts),
      deliveries: this.#subscribers.deliveries(),
      subscriptions: [...this.#subscribers]
        .filter((subscriber) => subscriber.active)
        .map((subscriber) => subscriber.stats()),
    };
  }

  #begin(subscriber: Subscriber, signal: AbortSignal | undefined): void {
    this.#subscribers.add(subscriber);
    for (const pattern of subscriber.patterns) {
      this.#router.add(pattern, subscriber);
      this.#hub.subscribed(subscriber, pattern, this.#router.countOf(pattern));
    }
    if (signal !== undefined) subscriber.stopListening = this.#signals.listen(signal, () => this.#end(subscriber));
  }

  #end(subscriber: Subscriber): void {
    if (!subscriber.active) return;
    for (const pattern of subscriber.patterns) this.#leave(subscriber, pattern);
    subscriber.stopListening?.();
    subscriber.stopListening = undefined;
    this.#subscribers.end(subscriber);
  }

  #leave(subscriber: Subscriber, pattern: string): void {
    subscriber.patterns = subscriber.patterns.filter((other) => other !== pattern);
    this.#router.remove(pattern, subscriber);
    this.#hub.unsubscribed(subscriber, pattern, this.#router.countOf(pattern));
  }

  async #close(timeout: number | undefined): Promise<CloseReport> {
    const engine = this.#engine;
    this.#waiters.rejectAll(closedError());
    // A paused bus would never drain.
    if (engine.paused) this.resume();
    await this.idle({ timeout }).catch(() => {});
    engine.intake = 'closed';
    const reason = new CfBusError('BUS_CLOSED', 'the bus was closed while this handler ran', { name: 'AbortError' });
    engine.delayed.cancelAll();
    const abandoned: DeliveryReport[] = this.#subscribers.unfinished(engine.unsettled).map((delivery) => {
      if (!delivery.ended) engine.abandon(delivery, reason);
      return delivery.report();
    });
    const stats = this.getStats();
    for (const subscriber of [...this.#subscribers]) this.#end(subscriber);
    await this.#log?.flush();
    return { abandoned, cancelled: engine.delayed.cancelled, stats };
  }

  #wakeIdle(): void {
    const waiters = this.#idleWaiters;
    if (waiters.length === 0) return;
    this.#idleWaiters = [];
    for (const wake of waiters) wake();
  }
}

function checkTimeout(timeout: number | undefined): void {
  if (timeout !== undefined) checkNumber('timeout', timeout, 0, Number.MAX_SAFE_INTEGER);
}

function closedError(): CfBusError {
  return new CfBusError('BUS_CLOSED', 'the bus is closed and takes no more events or subscribers');
}
