/** What a handler gets beside the event. One for each attempt. */
import { type Clock, sleep } from '../kernel/index.js';
import type { Delivery } from './delivery.js';
import type { EventInput } from './event.js';
import type { PublishReport } from './report.js';
import type { HandlerClock, HandlerContext } from './subscription-options.js';

/** What a context publishes through. */
export interface ContextHost {
  readonly clock: Clock;
  publish<T extends string>(input: EventInput<T>, context: Context): Promise<PublishReport<T>>;
  send<T extends string>(input: EventInput<T>, context: Context): void;
  publishAfter<T extends string>(delay: number, input: EventInput<T>, context: Context): void;
}

export class Context implements HandlerContext {
  readonly attempt: number;
  readonly #host: ContextHost;
  readonly #delivery: Delivery;
  /** Made when asked for: most handlers never look at their signal, and a controller costs more than a delivery. */
  #abort: AbortController | Error | undefined = undefined;

  constructor(host: ContextHost, delivery: Delivery) {
    this.#host = host;
    this.#delivery = delivery;
    this.attempt = delivery.attempt;
  }

  /** For the bus. */
  get delivery(): Delivery {
    return this.#delivery;
  }

  /** True while the attempt this context belongs to runs. */
  get live(): boolean {
    return this.#delivery.state === 'running' && this.#delivery.attempt === this.attempt;
  }

  get deliveryId(): string {
    return this.#delivery.id;
  }

  get publish(): <const T extends string>(input: EventInput<T>) => Promise<PublishReport<T>> {
    return (input) => this.#host.publish(input, this);
  }

  get send(): <const T extends string>(input: EventInput<T>) => void {
    return (input) => this.#host.send(input, this);
  }

  get publishAfter(): <const T extends string>(delay: number, input: EventInput<T>) => void {
    return (delay, input) => this.#host.publishAfter(delay, input, this);
  }

  get signal(): AbortSignal {
    if (this.#abort instanceof AbortController) return this.#abort.signal;
    const controller = new AbortController();
    if (this.#abort !== undefined) controller.abort(this.#abort);
    this.#abort = controller;
    return controller.signal;
  }

  get clock(): HandlerClock {
    const { clock } = this.#host;
    return { now: () => clock.now(), sleep: (ms) => sleep(clock, ms, this.signal) };
  }

  get markFault(): (kind: string) => void {
    return (kind) => {
      if (this.live) this.#delivery.detailed().fault = kind;
    };
  }

  /** For the bus: ends the attempt for the handler. */
  abort(reason: Error): void {
    if (this.#abort instanceof AbortController) this.#abort.abort(reason);
    else this.#abort = reason;
  }
}
