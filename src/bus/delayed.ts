/** Publishes that are still to come: `context.publishAfter`. */
import type { Clock } from '../kernel/index.js';
import type { Context } from './context.js';
import type { Cascade, Publication } from './publication.js';

interface DelayedParts {
  readonly clock: Clock;
  readonly isClosed: () => boolean;
  readonly publish: (publication: Publication) => void;
  /** One of the cascade's pending things has ended. */
  readonly end: (cascade: Cascade) => void;
}

export class Delayed {
  /** Publishes that were given up. */
  cancelled = 0;
  readonly #parts: DelayedParts;
  /** Cancels of those whose timer runs. */
  readonly #cancels = new Set<() => void>();

  constructor(parts: DelayedParts) {
    this.#parts = parts;
  }

  /** Publishes `delay` milliseconds after the handler of `context` has ended; at once means from now on, where it has. */
  plan(delay: number, publication: Publication, context: Context): void {
    const schedule = () => this.#schedule(delay, publication);
    if (!context.live) return schedule();
    const details = context.delivery.detailed();
    details.delayed ??= [];
    details.delayed.push(schedule);
  }

  cancelAll(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }

  #schedule(delay: number, publication: Publication): void {
    const { clock, isClosed, publish, end } = this.#parts;
    if (isClosed()) return this.#giveUp(publication);
    const cancel = () => {
      timer.cancel();
      this.#cancels.delete(cancel);
      this.#giveUp(publication);
    };
    const timer = clock.setTimer(delay, () => {
      this.#cancels.delete(cancel);
      if (!isClosed()) publish(publication);
      end(publication.cascade);
    });
    this.#cancels.add(cancel);
  }

  #giveUp({ cascade }: Publication): void {
    this.cancelled++;
    cascade.outcome().abandoned++;
    // It was counted when it was planned, and never happened.
    cascade.events--;
    this.#parts.end(cascade);
  }
}
