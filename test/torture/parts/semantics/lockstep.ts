/**
 * Runs a program on a bus and on the model, step by step: one command, one turn of a handler, or one timer at a time,
 * in an order that fast-check's scheduler draws. After every step both must agree.
 */
import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import type { Scheduler } from 'fast-check';
import {
  DropDelivery,
  type Event,
  EventBus,
  type HandlerContext,
  type PublishReport,
  type Subscription,
} from '../../../../src/bus/index.js';
import { CfBusError, Ids } from '../../../../src/kernel/index.js';
import { isFinal, Model, type ModelDelivery, type ModelSubscription, type State } from './model.js';
import {
  afterDelay,
  type Command,
  childKey,
  closeDelay,
  delays,
  endsByItself,
  type Plan,
  type Program,
  scriptOf,
} from './program.js';
import { SteppedClock } from './stepped-clock.js';

interface Bound {
  readonly subscription: Subscription;
  readonly plan: Plan;
  readonly controller: AbortController;
  readonly handler: (event: Event, context: HandlerContext) => unknown;
  readonly starts: string[];
  /** How many of the starts were found right. */
  compared: number;
}

/** What was seen of one publish: nothing yet, its report, or that it was refused. */
interface Awaited {
  readonly key: string;
  readonly inside: boolean;
  result: PublishReport | 'refused' | undefined;
}

/** Things that a program did, for the table. */
export interface Figures {
  steps: number;
  deliveries: number;
  attempts: number;
  leftOut: number;
}

/** Thrown values of every kind. */
const THROWN: readonly unknown[] = [new Error('thrown'), 'a text', undefined, null, 42, Object.create(null)];

export class Lockstep {
  readonly model = new Model();
  readonly bus: EventBus;
  readonly #scheduler: Scheduler;
  readonly #program: Program;
  readonly #clock: SteppedClock;
  readonly #bound: Bound[] = [];
  #awaited: Awaited[] = [];
  #leftOut = 0;
  readonly #events = new Map<string, Event>();
  #closed = false;
  #modelCloses = () => {};
  #cancelled = 0;
  #abandoned = 0;
  #steps = 0;
  #commands = 0;

  constructor(program: Program, scheduler: Scheduler) {
    this.#program = program;
    this.#scheduler = scheduler;
    this.#clock = new SteppedClock(() => void scheduler.schedule(Promise.resolve(), 'time').then(() => this.#tick()));
    this.bus = new EventBus({ clock: this.#clock, ids: new Ids('torture'), history: 4 });
    if (program.rudeObserver) {
      const rude = (): never => {
        throw new Error('an observer that throws');
      };
      this.bus.probe.attach({
        published: rude,
        started: rude,
        completed: rude,
        failed: rude,
        dead: rude,
        dropped: rude,
      });
    }
    this.bus.probe.attach({ published: (event) => void this.#events.set(String(event.payload.key), event) });
  }

  /** @throws AssertionError where the bus and the model disagree. */
  async run(): Promise<Figures> {
    const { commands } = this.#program;
    this.#scheduler.scheduleSequence(
      commands.map((command) => ({ label: command.kind, builder: async () => this.#do(command) })),
    );
    await this.#untilQuiet();
    this.bus.resume();
    this.model.resume();
    await this.#untilQuiet();
    if (endsByItself(this.#program)) ok(this.model.idle, 'a handler hangs that should have ended');
    this.#do({ kind: 'close', timeout: 5 });
    await this.#untilQuiet();
    this.#compareCauses();
    this.#nothingIsLeft();
    this.#do({ kind: 'publish', type: 'a' });
    await this.#afterStep();
    return {
      steps: this.#steps,
      deliveries: this.model.deliveries.length,
      attempts: this.model.subscriptions.reduce((sum, { starts }) => sum + starts.length, 0),
      leftOut: this.#leftOut,
    };
  }

  async #untilQuiet(): Promise<void> {
    await this.#afterStep();
    while (this.#scheduler.count() > 0) {
      await this.#scheduler.waitNext(1);
      await this.#afterStep();
    }
  }

  async #afterStep(): Promise<void> {
    // Every promise that can settle has, after a turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    this.#modelCloses();
    this.#modelCloses = () => {};
    this.model.settle();
    this.#steps++;
    this.#compare();
  }

  #do(command: Command): void {
    switch (command.kind) {
      case 'subscribe':
        return this.#subscribe(command.plan);
      case 'publish': {
        const key = `p${this.#commands++}`;
        this.#watch(key, false, this.bus.publish({ type: command.type, payload: { key } }));
        return this.model.publish(key, command.type, false);
      }
      case 'leave':
        return this.#leave(command.which, command.how);
      case 'pause':
        this.bus.pause();
        return this.model.pause();
      case 'resume':
        this.bus.resume();
        return this.model.resume();
      case 'close':
        return this.#close(command.timeout);
    }
  }

  #close(wanted: number | undefined): void {
    const timeout = closeDelay(wanted);
    void this.bus.close({ timeout }).then(({ abandoned, cancelled }) => {
      this.#closed = true;
      this.#abandoned = abandoned.length;
      this.#cancelled = cancelled;
    });
    // The bus goes on with it in a promise's turn, and so do the handlers that this starts.
    this.#modelCloses = () => this.model.close(timeout);
  }

  #subscribe(plan: Plan): void {
    const index = this.model.subscriptions.length;
    const controller = new AbortController();
    const starts: string[] = [];
    const handler = (event: Event, context: HandlerContext) => {
      starts.push(`${event.payload.key}#${context.attempt}`);
      return this.#handle(index, plan, event, context);
    };
    const { timeout, retry } = delays(index, plan);
    const { concurrency, queueSize, overflow, attempts, once, patterns } = plan;
    const options = {
      ...(concurrency === Number.POSITIVE_INFINITY ? {} : { concurrency }),
      ...(queueSize === Number.POSITIVE_INFINITY ? {} : { queue: { size: queueSize, overflow } }),
      ...(attempts === 1 ? {} : { retry: { attempts, delay: retry } }),
      timeout,
      once,
      signal: controller.signal,
    };
    if (this.model.intake !== 'open') {
      return refused(() => void this.bus.subscribe(patterns, handler, options));
    }
    const subscription = this.bus.subscribe(patterns, handler, options);
    this.#bound.push({ subscription, plan, controller, handler, starts, compared: 0 });
    this.model.subscribe(plan);
  }

  #leave(which: number, how: Extract<Command, { kind: 'leave' }>['how']): void {
    const bound = this.#bound[which];
    const subscription = this.model.subscriptions[which];
    if (bound === undefined || subscription === undefined) return;
    const [first, ...others] = subscription.patterns;
    if (how === 'handler' && first !== undefined) {
      ok(this.bus.unsubscribe(first, bound.handler), 'unsubscribe found nothing');
      subscription.patterns = others;
      return;
    }
    if (how === 'abort') bound.controller.abort();
    else if (how === 'dispose') bound.subscription[Symbol.dispose]();
    else bound.subscription.unsubscribe();
    subscription.patterns = [];
  }

  /** The handler of every subscription: does what its script says. */
  #handle(index: number, plan: Plan, event: Event, context: HandlerContext): unknown {
    const key = String(event.payload.key);
    const { turns, ends, how } = scriptOf(plan, key, context.attempt);
    const first = this.#publishAll(index, key, context, 0, turns[0] ?? []);
    if (turns.length === 1 && ends === 'in the call') return endNow(how, key.length);
    return this.#otherTurns(first, index, plan, key, context);
  }

  async #otherTurns(
    first: Promise<unknown>[],
    index: number,
    plan: Plan,
    key: string,
    context: HandlerContext,
  ): Promise<unknown> {
    const { attempt } = context;
    const { turns, how } = scriptOf(plan, key, attempt);
    let waits = first;
    for (let turn = 1; turn < turns.length; turn++) {
      if (waits.length > 0) await Promise.all(waits);
      await this.#scheduler.schedule(Promise.resolve(), `${key} at ${index}, attempt ${attempt}, turn ${turn}`);
      waits = this.#publishAll(index, key, context, turn, turns[turn] ?? []);
      const delivery = this.#modelOf(index, key);
      this.model.turn(delivery, attempt, turn);
    }
    return endNow(how, key.length);
  }

  /** Makes the publishes of one turn; gives those that it awaits. */
  #publishAll(
    index: number,
    key: string,
    context: HandlerContext,
    turn: number,
    moves: readonly { readonly how: string; readonly type: string }[],
  ): Promise<unknown>[] {
    return moves.flatMap(({ how, type }, move) => {
      const input = { type, payload: { key: childKey(key, index, context.attempt, turn, move) } };
      const closed = this.model.intake === 'closed';
      if (how === 'after') {
        attempt(() => context.publishAfter(afterDelay(index, turn, move), input), closed);
      } else if (how === 'send') {
        attempt(() => context.send(input), closed);
      } else {
        const settled = this.#watch(input.payload.key, true, context.publish(input));
        if (how === 'await') return [settled];
      }
      return [];
    });
  }

  #watch(key: string, inside: boolean, publish: Promise<PublishReport>): Promise<void> {
    const awaited: Awaited = { key, inside, result: undefined };
    this.#awaited.push(awaited);
    return publish.then(
      (report) => {
        strictEqual(report.event.payload.key, key);
        awaited.result = report;
      },
      (error: unknown) => {
        ok(error instanceof CfBusError && error.code === 'BUS_CLOSED', `publish rejected: ${String(error)}`);
        awaited.result = 'refused';
      },
    );
  }

  #tick(): void {
    this.#clock.tick();
    this.model.tick();
  }

  #modelOf(index: number, key: string): ModelDelivery {
    const found = this.model.published.get(key)?.deliveries.find(({ subscription }) => subscription.index === index);
    ok(found !== undefined, `subscription ${index} got ${key}, which it should not`);
    return found;
  }

  #compare(): void {
    const { model, bus } = this;
    strictEqual(this.#clock.now(), model.now, 'the time at which timers fire');
    const stats = bus.getStats();
    deepStrictEqual(stats.deliveries, count(model.deliveries), 'the eight states of all deliveries');
    this.#compareStarts();
    const active = model.subscriptions.filter(({ patterns }) => patterns.length > 0);
    strictEqual(
      stats.totalSubscribers,
      active.reduce((sum, { patterns }) => sum + patterns.length, 0),
    );
    deepStrictEqual(stats.subscriptions.map(figuresOfBus), figuresOfModel(active, model.deliveries));
    deepStrictEqual(stats.eventCounts, tally([...model.published.values()].map(({ type }) => type)));
    strictEqual(bus.idleNow, model.idle, 'idle');
    strictEqual(this.#closed, model.intake === 'closed', 'closed');
    for (const awaited of this.#awaited) this.#compareReport(awaited);
    // A report stays as it is.
    this.#awaited = this.#awaited.filter(({ result }) => result === undefined);
  }

  /** What each subscription got, in order; what was compared before stays the same. */
  #compareStarts(): void {
    this.#bound.forEach((bound, index) => {
      const expected = this.model.subscriptions[index]?.starts ?? [];
      deepStrictEqual(bound.starts.slice(bound.compared), expected.slice(bound.compared), `starts at ${index}`);
      bound.compared = expected.length;
    });
  }

  #compareReport({ key, inside, result }: Awaited): void {
    const published = this.model.published.get(key);
    strictEqual(result === 'refused', published === undefined, `refusal of ${key}`);
    if (published === undefined || result === 'refused') return;
    const { deliveries } = published;
    const ended = deliveries.every(({ state }) => isFinal(state));
    if (!inside || ended) strictEqual(result !== undefined, ended, `publish of ${key} has resolved`);
    if (result === undefined) return;
    strictEqual(result.deliveries.length, deliveries.length);
    if (result.settled) {
      const seen = result.deliveries.map((each) => [each.state, 'attempts' in each ? each.attempts : 0]);
      deepStrictEqual(
        seen,
        deliveries.map(({ state, attempt }) => [state, attempt]),
        `report of ${key}`,
      );
      return;
    }
    this.#leftOut++;
    ok(inside, 'only a handler leaves deliveries out of its wait');
    // What was left out may have ended in the meantime.
    const left = deliveries.filter((_, index) => !isFinal(result.deliveries[index]?.state ?? 'done'));
    // With a slot for everybody nothing can be stuck behind its publisher.
    for (const { subscription } of left) ok(Number.isFinite(subscription.plan.concurrency));
  }

  /** Nested events belong to the trace of their cause. */
  #compareCauses(): void {
    deepStrictEqual([...this.#events.keys()].sort(), [...this.model.published.keys()].sort(), 'events published');
    for (const [key, event] of this.#events) {
      const cause = this.#events.get(key.slice(0, Math.max(0, key.lastIndexOf('>'))));
      strictEqual(event.causationId, cause?.id, `cause of ${key}`);
      if (cause !== undefined) strictEqual(event.traceId, cause.traceId, `trace of ${key}`);
    }
  }

  #nothingIsLeft(): void {
    const { bus, model } = this;
    strictEqual(this.#clock.pending, 0, 'a timer is left');
    deepStrictEqual(bus.getStats().subscriptions, []);
    strictEqual(bus.getStats().totalSubscribers, 0);
    ok(bus.idleNow, 'something is still under way');
    strictEqual(this.#cancelled, model.cancelled, 'delayed publishes given up');
    strictEqual(this.#abandoned, count(model.deliveries).abandoned, 'deliveries given up');
    for (const { controller, subscription } of this.#bound) {
      deepStrictEqual(getEventListeners(controller.signal, 'abort'), [], 'a listener is left on an abort signal');
      strictEqual(subscription.active, false);
    }
    if (!this.#program.rudeObserver) strictEqual(bus.probe.observerErrors, 0);
  }
}

/** How a handler ends. */
function endNow(how: 'return' | 'throw' | 'drop' | 'hang', which: number): unknown {
  if (how === 'hang') return new Promise(() => {});
  if (how === 'drop') throw new DropDelivery('by the script');
  if (how === 'throw') throw THROWN[which % THROWN.length];
  return 'a value that nobody reads';
}

/** Runs what throws `BUS_CLOSED` on a closed bus, and nothing elsewhere. */
function attempt(run: () => void, closed: boolean): void {
  if (closed) refused(run);
  else run();
}

function refused(run: () => void): void {
  try {
    run();
  } catch (error) {
    ok(error instanceof CfBusError && error.code === 'BUS_CLOSED', String(error));
    return;
  }
  throw new Error('a closed bus took something');
}

function count(deliveries: readonly ModelDelivery[]): Record<State, number> {
  const zero = { queued: 0, running: 0, waiting: 0, done: 0, failed: 0, dead: 0, dropped: 0, abandoned: 0 };
  for (const { state } of deliveries) zero[state]++;
  return zero;
}

function tally(types: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

type SubscriptionFigures = ReturnType<EventBus['getStats']>['subscriptions'][number];

function figuresOfBus(stats: SubscriptionFigures): Record<string, number> {
  const { delivered, errors, retries, failed, dead, dropped, abandoned, inFlight, queued, waiting } = stats;
  return { delivered, errors, retries, failed, dead, dropped, abandoned, inFlight, queued, waiting };
}

function figuresOfModel(
  subscriptions: readonly ModelSubscription[],
  deliveries: readonly ModelDelivery[],
): Record<string, number>[] {
  const own = new Map(subscriptions.map((subscription) => [subscription, [] as ModelDelivery[]]));
  for (const delivery of deliveries) own.get(delivery.subscription)?.push(delivery);
  return [...own].map(([subscription, made]) => {
    const { done, failed, dead, dropped, abandoned } = count(made);
    return {
      delivered: done,
      errors: subscription.errors,
      retries: subscription.retries,
      failed,
      dead,
      dropped,
      abandoned,
      inFlight: subscription.slots.length,
      queued: subscription.queue.length,
      waiting: subscription.waiting.length,
    };
  });
}
