/**
 * Waits for the promise of one delivery at a time, with two functions that a subscription keeps: a pair for each delivery
 * is a third of its memory, and where ten thousand are under way at once, a third of its time.
 */
import type { Delivery } from './delivery.js';

export interface FollowerParts {
  readonly onDone: (delivery: Delivery) => void;
  readonly onFailed: (delivery: Delivery, error: unknown) => void;
}

const nativeThen = Promise.prototype.then;

export class Follower {
  #delivery: Delivery | undefined = undefined;
  readonly #done: () => void;
  readonly #failed: (error: unknown) => void;

  constructor({ onDone, onFailed }: FollowerParts) {
    this.#done = () => {
      const delivery = this.#take();
      if (delivery !== undefined) onDone(delivery);
    };
    this.#failed = (error) => {
      const delivery = this.#take();
      if (delivery !== undefined) onFailed(delivery, error);
    };
  }

  /** False where it waits for another one, or where a promise may answer twice, which would end the next delivery. */
  follow(delivery: Delivery, promise: PromiseLike<unknown>): boolean {
    if (this.#delivery !== undefined || !(promise instanceof Promise) || promise.then !== nativeThen) return false;
    promise.then(this.#done, this.#failed);
    this.#delivery = delivery;
    return true;
  }

  #take(): Delivery | undefined {
    const delivery = this.#delivery;
    this.#delivery = undefined;
    return delivery;
  }
}
