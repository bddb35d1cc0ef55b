/** What a subscriber may ask for. All durations are milliseconds. */
import type { Event, EventInput } from './event.js';
import type { PublishReport } from './report.js';

/** Time as a handler may use it: the bus's clock, virtual in a virtual run. */
export interface HandlerClock {
  /** Monotonic milliseconds; fractions count. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the abort reason when this attempt is aborted. */
  sleep(ms: number): Promise<void>;
}

/** What a handler gets beside the event. Its members may be taken apart (`{ publish, signal }`). */
export interface HandlerContext {
  /** Publishes in the same trace, caused by the handled event. Resolves and rejects like `bus.publish`. */
  readonly publish: <const T extends string>(input: EventInput<T>) => Promise<PublishReport<T>>;
  /**
   * Like `publish`, for a handler that does not wait: no promise, no report, and nobody can wait for this handler through it.
   * @throws CfBusError as `publish` rejects with, at once.
   */
  readonly send: <const T extends string>(input: EventInput<T>) => void;
  /**
   * Publishes `delay` milliseconds after this handler has ended. Holds no slot; it is pending work for `idle`, `close` and cascades.
   * @throws CfBusError `INVALID_EVENT` at once for an invalid event.
   */
  readonly publishAfter: <const T extends string>(delay: number, input: EventInput<T>) => void;
  /** Aborts when this attempt times out or the bus gives it up. */
  readonly signal: AbortSignal;
  /** 1 for the first attempt. */
  readonly attempt: number;
  readonly deliveryId: string;
  readonly clock: HandlerClock;
  /** Marks this attempt as acted on by a simulated fault; the log shows it. */
  readonly markFault: (kind: string) => void;
}

export type Handler<T extends string = string> = (event: Event<T>, context: HandlerContext) => unknown;

export type Backoff = 'fixed' | 'linear' | 'exponential';
export type Overflow = 'block' | 'drop_newest' | 'drop_oldest';

export interface RetryOptions {
  /** Attempts in all, the first one included; 1 to 1000. */
  readonly attempts: number;
  /** How the delay grows: `fixed` d d d, `linear` d 2d 3d, `exponential` d 2d 4d. Default `fixed`. */
  readonly backoff?: Backoff | undefined;
  /** Delay before the second attempt. Default 0. */
  readonly delay?: number | undefined;
  /** Upper bound of one delay, before jitter. Default 30,000. */
  readonly maxDelay?: number | undefined;
  /** Share of the delay by which it varies evenly, up or down: 0.2 is ±20 %. Default 0. */
  readonly jitter?: number | undefined;
}

export interface QueueOptions {
  /** Deliveries that may wait for a slot; 0 or more. */
  readonly size: number;
  /** What happens to one more: the publisher waits (`block`, default), it is dropped, or the oldest waiting one is. */
  readonly overflow?: Overflow | undefined;
}

export interface SubscribeOptions {
  /** Name in the log and the statistics. Default: the function's name, or `anonymous`. */
  readonly name?: string | undefined;
  readonly service?: string | undefined;
  /** Deliveries that run at the same time; 1 or more. Default: no limit. */
  readonly concurrency?: number | undefined;
  /** Default: no limit. */
  readonly queue?: QueueOptions | undefined;
  /** Limit of one attempt. It frees the slot, counts as an error, and aborts `context.signal`. Default: none. */
  readonly timeout?: number | undefined;
  readonly retry?: RetryOptions | undefined;
  /** Unsubscribe at the first event. */
  readonly once?: boolean | undefined;
  /** Unsubscribes when it aborts. */
  readonly signal?: AbortSignal | undefined;
}

/** A subscription is a value: ending it twice does nothing, and `using` ends it by itself. */
export interface Subscription extends Disposable {
  readonly id: string;
  readonly active: boolean;
  /** Later events are not delivered; what is queued still runs. */
  unsubscribe(): void;
}
