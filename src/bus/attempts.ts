/** The way of a delivery once it has a slot: attempted, timed out, tried again, ended. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { CfBusError, type Clock, type StepTime } from '../kernel/index.js';
import { Context, type ContextHost } from './context.js';
import type { Delivery, DeliveryDetails } from './delivery.js';
import { isDropDelivery } from './drop-delivery.js';
import { Follower, type FollowerParts } from './follower.js';
import { retryDelay } from './options.js';
import type { ProbeHub } from './probe-hub.js';
import type { DeliveryState, DropReason } from './report.js';
import type { Subscriber } from './subscriber.js';

export interface AttemptParts {
  readonly clock: Clock;
  readonly time: StepTime;
  readonly random: () => number;
  readonly hub: ProbeHub;
  readonly ambient: AsyncLocalStorage<Context> | undefined;
  /** What handlers publish through. */
  readonly publisher: ContextHost;
  /** Starts what waits for a slot of this subscriber. */
  readonly pump: (subscriber: Subscriber) => void;
  /** An attempt failed. */
  readonly onFailed: (delivery: Delivery) => void;
  /** A delivery ended, and its publisher was told. */
  readonly onEnded: (delivery: Delivery) => void;
}

export class Attempts {
  readonly #parts: AttemptParts;
  readonly #time: StepTime;
  readonly #hub: ProbeHub;
  readonly #publisher: ContextHost;
  readonly #followerParts: FollowerParts = {
    onDone: (delivery) => this.#completeFree(delivery),
    onFailed: (delivery, error) => this.#fail(delivery, 1, error),
  };

  constructor(parts: AttemptParts) {
    this.#parts = parts;
    this.#time = parts.time;
    this.#hub = parts.hub;
    this.#publisher = parts.publisher;
  }

  /** Gives up a delivery that has not ended. */
  abandon(delivery: Delivery, reason: Error): void {
    const { target, context } = delivery;
    delivery.stopTimer();
    this.#leaveLists(delivery);
    if (delivery.state === 'running') delivery.measure(this.#time.now());
    target.own().abandoned++;
    delivery.publication.cascade.outcome().abandoned++;
    this.#hub.abandoned(delivery);
    this.#end(delivery, 'abandoned');
    context?.abort(reason);
  }

  /**
   * Starts a delivery to a `free` subscriber while nobody watches. True when it is done already; the caller counts its end.
   * What does not end at once, and well, goes the way of all others.
   */
  startFree(delivery: Delivery): boolean {
    const { target } = delivery;
    delivery.beginAttempt(this.#time.now());
    const context = new Context(this.#publisher, delivery);
    delivery.context = context;
    target.due--;
    target.executing++;
    let promise: PromiseLike<unknown> | undefined;
    try {
      const result = target.run(delivery.publication.event, context);
      if (result !== undefined && isThenable(result)) promise = result;
    } catch (error) {
      this.#fail(delivery, 1, error);
      return false;
    }
    // An observer that came meanwhile is told of the end.
    if (promise !== undefined || this.#hub.active) {
      if (promise === undefined) this.#complete(delivery, 1);
      else this.#followFree(delivery, promise);
      return false;
    }
    this.#finishFree(delivery);
    return true;
  }

  /** Starts the next attempt of a delivery that has a slot. */
  start(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.attempt > 0) this.#noteRetry(delivery);
    delivery.beginAttempt(this.#time.now());
    if (target.limits.unlimited) {
      target.due--;
      target.executing++;
    }
    const context = new Context(this.#publisher, delivery);
    delivery.context = context;
    if (this.#hub.active) this.#hub.started(delivery);
    if (target.limits.timeout !== undefined) this.#limit(delivery, target.limits.timeout);
    const { ambient } = this.#parts;
    const { event } = delivery.publication;
    let promise: PromiseLike<unknown> | undefined;
    try {
      const result =
        ambient === undefined ? target.run(event, context) : ambient.run(context, target.run, event, context);
      if (result !== undefined && isThenable(result)) promise = result;
    } catch (error) {
      return this.#fail(delivery, context.attempt, error);
    }
    if (promise === undefined) this.#complete(delivery, context.attempt);
    else this.#follow(delivery, context.attempt, promise);
  }

  /** Apart from `start`, so that only handlers that return a promise cost closures. */
  /** Ends, well, the only attempt at a free subscriber while nobody watches. */
  #finishFree(delivery: Delivery): void {
    const { target } = delivery;
    delivery.measure(this.#time.now());
    target.addDuration(delivery.durationMs);
    target.delivered++;
    target.executing--;
    delivery.hasSlot = false;
    delivery.state = 'done';
    delivery.context = undefined;
    if (delivery.details !== undefined) this.#leaveDetails(delivery.details);
  }

  #completeFree(delivery: Delivery): void {
    if (delivery.state !== 'running' || this.#hub.active) return this.#complete(delivery, 1);
    this.#finishFree(delivery);
    if (!delivery.leftOut) delivery.publication.settle();
    this.#parts.onEnded(delivery);
  }

  #followFree(delivery: Delivery, result: PromiseLike<unknown>): void {
    const { target } = delivery;
    target.follower ??= new Follower(this.#followerParts);
    try {
      if (!target.follower.follow(delivery, result)) this.#follow(delivery, 1, result);
    } catch (error) {
      this.#fail(delivery, 1, error);
    }
  }

  #follow(delivery: Delivery, attempt: number, result: PromiseLike<unknown>): void {
    try {
      // Foreign thenables may give another promise: adopted as `await` would.
      const promise = result instanceof Promise ? result : Promise.resolve(result);
      promise.then(
        () => this.#complete(delivery, attempt),
        (error) => this.#fail(delivery, attempt, error),
      );
    } catch (error) {
      this.#fail(delivery, attempt, error);
    }
  }

  #limit(delivery: Delivery, timeout: number): void {
    delivery.detailed().timer = this.#parts.clock.setTimer(timeout, () => this.#timedOut(delivery, timeout));
  }

  #complete(delivery: Delivery, attempt: number): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    delivery.target.delivered++;
    if (this.#hub.active) this.#hub.completed(delivery);
    this.#end(delivery, 'done');
  }

  #fail(delivery: Delivery, attempt: number, error: unknown): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    if (isDropDelivery(error)) return this.drop(delivery, error.reason);
    const { target } = delivery;
    const { retry } = target.limits;
    const willRetry = attempt < retry.attempts;
    this.#parts.onFailed(delivery);
    const backlog = target.own();
    backlog.errors++;
    delivery.detailed().error = error;
    const outcome = delivery.publication.cascade.outcome();
    // Counted before observers are told: one that asks for the statistics finds every delivery in one of its states.
    if (willRetry) {
      delivery.state = 'waiting';
      backlog.waiting.push(delivery);
    } else if (retry.attempts === 1) {
      backlog.failed++;
      outcome.failed++;
    } else {
      backlog.dead++;
      outcome.dead++;
    }
    this.#hub.failed(delivery, { error, willRetry });
    if (willRetry) return this.#waitForRetry(delivery);
    if (retry.attempts === 1) return this.#end(delivery, 'failed');
    this.#hub.dead(delivery, error);
    this.#end(delivery, 'dead');
  }

  /** True once for each attempt: a late result, or a second one, finds it ended. */
  #endAttempt(delivery: Delivery, attempt: number): boolean {
    if (delivery.state !== 'running' || delivery.attempt !== attempt) return false;
    delivery.measure(this.#time.now());
    delivery.target.addDuration(delivery.durationMs);
    delivery.stopTimer();
    this.#leaveLists(delivery);
    return true;
  }

  #timedOut(delivery: Delivery, timeout: number): void {
    const { context } = delivery;
    if (context === undefined) return;
    const { service, handler } = delivery.target;
    const name = service === '' ? handler : `${service}.${handler}`;
    const error = new CfBusError('HANDLER_TIMEOUT', `${name} timed out after ${timeout} ms`, { name: 'TimeoutError' });
    // The attempt ends first, so that whatever the handler does when it is aborted comes too late.
    this.#fail(delivery, context.attempt, error);
    context.abort(error);
  }

  #waitForRetry(delivery: Delivery): void {
    const { target } = delivery;
    const delay = retryDelay(target.limits.retry, delivery.attempt + 1, this.#parts.random);
    const details = delivery.detailed();
    details.timer = this.#parts.clock.setTimer(delay, () => {
      details.timer = undefined;
      const backlog = target.own();
      backlog.waiting.remove(delivery);
      delivery.state = 'queued';
      // It was published before whatever is queued.
      backlog.queue.unshift(delivery);
      this.#parts.pump(target);
      backlog.notePeak();
    });
    this.#leaveDetails(details);
    this.#parts.pump(target);
  }

  /** Ends a delivery that stands in no list as dropped. */
  drop(delivery: Delivery, reason: DropReason): void {
    delivery.detailed().reason = reason;
    delivery.target.own().dropped++;
    this.#hub.dropped(delivery, reason);
    this.#end(delivery, 'dropped');
  }

  #end(delivery: Delivery, state: DeliveryState): void {
    const { publication } = delivery;
    delivery.state = state;
    if (delivery.details !== undefined) this.#leaveDetails(delivery.details);
    delivery.context = undefined;
    if (!delivery.leftOut) publication.settle();
    this.#parts.onEnded(delivery);
  }

  /** After an attempt: what its handler waited for, and what it published for later. */
  #leaveDetails(details: DeliveryDetails): void {
    details.nested = undefined;
    const { delayed } = details;
    if (delayed === undefined) return;
    details.delayed = undefined;
    for (const schedule of delayed) schedule();
  }

  #leaveLists(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.hasSlot) target.leaveSlot(delivery);
    else if (delivery.state === 'waiting') target.backlog.waiting.remove(delivery);
    else if (delivery.state === 'queued') target.backlog.queue.remove(delivery);
    if (delivery.details !== undefined) delivery.details.nested = undefined;
  }

  #noteRetry(delivery: Delivery): void {
    delivery.target.own().retries++;
    const details = delivery.detailed();
    if (delivery.attempt === 1) details.firstStart = delivery.startedAt ?? 0;
    details.earlierMs += delivery.durationMs;
    details.fault = undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveThen && 'then' in value && typeof value.then === 'function';
}
