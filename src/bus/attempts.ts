/** The way of a delivery once it has a slot: attempted, timed out, tried again, ended. */
import type { AsyncLocalStorage } from 'node:async_hooks';
import { CfBusError, type Clock } from '../kernel/index.js';
import { Context, type ContextHost } from './context.js';
import type { Delivery } from './delivery.js';
import { isDropDelivery } from './drop-delivery.js';
import { retryDelay } from './options.js';
import type { ProbeHub } from './probe-hub.js';
import type { DeliveryState, DropReason } from './report.js';
import type { Subscriber } from './subscriber.js';

export interface AttemptParts {
  readonly clock: Clock;
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

  constructor(parts: AttemptParts) {
    this.#parts = parts;
  }

  /** Gives up a delivery that has not ended. */
  abandon(delivery: Delivery, reason: Error): void {
    const { target, context } = delivery;
    delivery.stopTimer();
    this.#leaveLists(delivery);
    if (delivery.state === 'running') delivery.endedAt = this.#parts.clock.now();
    target.abandoned++;
    delivery.publication.cascade.abandoned++;
    this.#parts.hub.abandoned(delivery);
    this.#end(delivery, 'abandoned');
    context?.abort(reason);
  }

  /** Starts the next attempt of a delivery that has a slot. */
  start(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.attempt++ > 0) this.#noteRetry(delivery);
    delivery.startedAt = this.#parts.clock.now();
    delivery.endedAt = delivery.startedAt;
    delivery.state = 'running';
    const context = new Context(this.#parts.publisher, delivery);
    delivery.context = context;
    if (this.#parts.hub.active) this.#parts.hub.started(delivery);
    const { timeout } = target.options;
    if (timeout !== undefined)
      delivery.detailed().timer = this.#parts.clock.setTimer(timeout, () => this.#timedOut(delivery, timeout));
    try {
      const { ambient } = this.#parts;
      const { event } = delivery.publication;
      const result =
        ambient === undefined ? target.run(event, context) : ambient.run(context, target.run, event, context);
      if (!isThenable(result)) return this.#complete(delivery, context.attempt);
      // Foreign thenables may give another promise: adopted as `await` would.
      const promise = result instanceof Promise ? result : Promise.resolve(result);
      promise.then(
        () => this.#complete(delivery, context.attempt),
        (error) => this.#fail(delivery, context.attempt, error),
      );
    } catch (error) {
      this.#fail(delivery, context.attempt, error);
    }
  }

  #complete(delivery: Delivery, attempt: number): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    delivery.target.delivered++;
    if (this.#parts.hub.active) this.#parts.hub.completed(delivery);
    this.#end(delivery, 'done');
  }

  #fail(delivery: Delivery, attempt: number, error: unknown): void {
    if (!this.#endAttempt(delivery, attempt)) return;
    if (isDropDelivery(error)) return this.drop(delivery, error.reason);
    const { target } = delivery;
    const { retry } = target.options;
    const willRetry = attempt < retry.attempts;
    this.#parts.onFailed(delivery);
    target.errors++;
    delivery.detailed().error = error;
    const { cascade } = delivery.publication;
    // Counted before observers are told: one that asks for the statistics finds every delivery in one of its states.
    if (willRetry) {
      delivery.state = 'waiting';
      target.waiting.push(delivery);
    } else if (retry.attempts === 1) {
      target.failed++;
      cascade.failed++;
    } else {
      target.dead++;
      cascade.dead++;
    }
    this.#parts.hub.failed(delivery, { error, willRetry });
    if (willRetry) return this.#waitForRetry(delivery);
    if (retry.attempts === 1) return this.#end(delivery, 'failed');
    this.#parts.hub.dead(delivery, error);
    this.#end(delivery, 'dead');
  }

  /** True once for each attempt: a late result, or a second one, finds it ended. */
  #endAttempt(delivery: Delivery, attempt: number): boolean {
    if (delivery.state !== 'running' || delivery.attempt !== attempt) return false;
    delivery.endedAt = this.#parts.clock.now();
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
    const delay = retryDelay(target.options.retry, delivery.attempt + 1, this.#parts.random);
    const details = delivery.detailed();
    details.timer = this.#parts.clock.setTimer(delay, () => {
      details.timer = undefined;
      target.waiting.remove(delivery);
      delivery.state = 'queued';
      // It was published before whatever is queued.
      target.queue.unshift(delivery);
      this.#parts.pump(target);
      target.notePeak();
    });
    this.#scheduleDelayed(delivery);
    this.#parts.pump(target);
  }

  /** Ends a delivery that stands in no list as dropped. */
  drop(delivery: Delivery, reason: DropReason): void {
    delivery.detailed().reason = reason;
    delivery.target.dropped++;
    this.#parts.hub.dropped(delivery, reason);
    this.#end(delivery, 'dropped');
  }

  #end(delivery: Delivery, state: DeliveryState): void {
    const { publication } = delivery;
    delivery.state = state;
    this.#scheduleDelayed(delivery);
    delivery.context = undefined;
    if (!delivery.leftOut) publication.settleOne();
    this.#parts.onEnded(delivery);
  }

  #scheduleDelayed(delivery: Delivery): void {
    const { details } = delivery;
    if (details?.delayed === undefined) return;
    const { delayed } = details;
    details.delayed = undefined;
    for (const schedule of delayed) schedule();
  }

  #leaveLists(delivery: Delivery): void {
    const { target } = delivery;
    if (delivery.hasSlot) target.running.remove(delivery);
    else if (delivery.state === 'waiting') target.waiting.remove(delivery);
    else if (delivery.state === 'queued') target.queue.remove(delivery);
    delivery.hasSlot = false;
    if (delivery.details !== undefined) delivery.details.nested = undefined;
  }

  #noteRetry(delivery: Delivery): void {
    delivery.target.retries++;
    const details = delivery.detailed();
    if (delivery.attempt === 2) details.firstStart = delivery.startedAt;
    details.earlierMs += delivery.durationMs;
    details.fault = undefined;
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const mayHaveThen = (typeof value === 'object' && value !== null) || typeof value === 'function';
  return mayHaveThen && 'then' in value && typeof value.then === 'function';
}
