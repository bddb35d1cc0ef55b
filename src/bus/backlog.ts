/** What a subscription has once something is held up, or goes wrong: kept apart, so that the many idle ones stay small. */
import type { Delivery } from './delivery.js';
import { LinkedList } from './linked-list.js';

export class Backlog {
  /** Deliveries that have a slot, where slots are limited; those of an unlimited subscription are only counted. */
  readonly running = new LinkedList<Delivery>();
  /** Deliveries that wait for a slot; with overflow `block` those beyond the queue's size wait to enter it. */
  readonly queue = new LinkedList<Delivery>();
  /** Deliveries that wait for their next attempt; they hold no slot. */
  readonly waiting = new LinkedList<Delivery>();
  errors = 0;
  retries = 0;
  failed = 0;
  dead = 0;
  dropped = 0;
  abandoned = 0;
  overBound = 0;
  /** The most that ever waited for a slot at once. */
  peakQueued = 0;

  /** Nothing in it is under way. */
  get quiet(): boolean {
    return this.running.length === 0 && this.queue.length === 0 && this.waiting.length === 0;
  }

  /** To be called when the queue may have grown for longer than a moment. */
  notePeak(): void {
    if (this.queue.length > this.peakQueued) this.peakQueued = this.queue.length;
  }
}

/** For all that have none of their own: to read, never to change. */
export const NO_BACKLOG = new Backlog();
