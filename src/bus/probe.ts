/**
 * The probe: how a log, a dashboard or metrics watch a bus. Observers are told of every step, synchronously and in
 * order; they can never change what is delivered, and what they throw is swallowed and counted.
 */
import type { Event } from './event.js';
import type { DropReason, SubscriberInfo } from './report.js';

/** A delivery as observers see it, at the moment of the call. Do not keep it: it is live. */
export interface DeliveryView {
  readonly id: string;
  readonly event: Event;
  readonly subscriber: SubscriberInfo;
  /** Number of the current or last attempt; 1 for the first, 0 before any. */
  readonly attempt: number;
  /** From publish to the start of the first attempt, in milliseconds. */
  readonly queuedMs: number;
  /** Length of the current or last attempt, in milliseconds; 0 while it runs. */
  readonly durationMs: number;
  /** Kind of the simulated fault that acted on this attempt, if one did. */
  readonly fault: string | undefined;
}

export interface AttemptFailure {
  readonly error: unknown;
  readonly willRetry: boolean;
}

/** Every method is optional; a missing one costs nothing. */
export interface BusObserver {
  subscribed?(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void;
  unsubscribed?(subscriber: SubscriberInfo, pattern: string, totalSubscribers: number): void;
  published?(event: Event, subscriberCount: number): void;
  started?(delivery: DeliveryView): void;
  completed?(delivery: DeliveryView): void;
  /** One for each failed attempt; after the last one of several `dead` follows. */
  failed?(delivery: DeliveryView, failure: AttemptFailure): void;
  dead?(delivery: DeliveryView, error: unknown): void;
  dropped?(delivery: DeliveryView, reason: DropReason): void;
  abandoned?(delivery: DeliveryView): void;
}

export interface Probe {
  /** Starts telling `observer`; the returned function stops it. */
  attach(observer: BusObserver): () => void;
  /** Times an observer threw. */
  readonly observerErrors: number;
}
