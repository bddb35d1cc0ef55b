/** Tells every observer; what they throw is counted and goes no further. */
import type { Event } from './event.js';
import type { AttemptFailure, BusObserver, DeliveryView, Probe } from './probe.js';
import type { DropReason, SubscriberInfo } from './report.js';

export class ProbeHub implements Probe, Required<BusObserver> {
  observerErrors = 0;
  /** Somebody watches. */
  active = false;
  /** Copy on write: an observer that leaves while it is told changes nothing for the others. */
  #observers: readonly BusObserver[] = [];
  readonly #onAttach: () => void;

  constructor(onAttach: () => void) {
    this.#onAttach = onAttach;
  }

  attach(observer: BusObserver): () => void {
    const own = observer;
    this.#observers = [...this.#observers, own];
    this.active = true;
    this.#onAttach();
    let attached = true;
    return () => {
      if (!attached) return;
      attached = false;
      const at = this.#observers.indexOf(own);
      this.#observers = this.#observers.filter((_, index) => index !== at);
      this.active = this.#observers.length > 0;
    };
  }

  subscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    this.#tell((observer) => observer.subscribed?.(subscriber, pattern, totalSubscribers));
  }

  unsubscribed(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void {
    this.#tell((observer) => observer.unsubscribed?.(subscriber, pattern, totalSubscribers));
  }

  published(event: Event, subscriberCount: number): void {
    this.#tell((observer) => observer.published?.(event, subscriberCount));
  }

  started(delivery: DeliveryView): void {
    this.#tell((observer) => observer.started?.(delivery));
  }

  completed(delivery: DeliveryView): void {
    this.#tell((observer) => observer.completed?.(delivery));
  }

  failed(delivery: DeliveryView, failure: AttemptFailure): void {
    this.#tell((observer) => observer.failed?.(delivery, failure));
  }

  dead(delivery: DeliveryView, error: unknown): void {
    this.#tell((observer) => observer.dead?.(delivery, error));
  }

  dropped(delivery: DeliveryView, reason: DropReason): void {
    this.#tell((observer) => observer.dropped?.(delivery, reason));
  }

  abandoned(delivery: DeliveryView): void {
    this.#tell((observer) => observer.abandoned?.(delivery));
  }

  #tell(call: (observer: BusObserver) => unknown): void {
    for (const observer of this.#observers) {
      try {
        const result = call(observer);
        // An async method's rejection would end the process.
        if (result instanceof Promise) result.catch(() => this.observerErrors++);
      } catch {
        this.observerErrors++;
      }
    }
  }
}
