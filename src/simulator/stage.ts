/** What the parts of one simulation share. */
import type { EventBus, EventInput } from '../bus/index.js';
import { type CfBusError, type Clock, type ClockHold, type Ids, isCfBusError, type Timer } from '../kernel/index.js';
import type { TemplateScope } from '../scenario/index.js';
import { ProblemBook } from './problem-book.js';

export interface StageParts {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly ids: Ids;
  readonly variables: TemplateScope['variables'];
  /** Told once, when the run itself has failed. */
  readonly onFailure: () => void;
}

/** Told when a trace may see events, and when everything that was known to come in it has ended. */
export interface TraceListener {
  traceBegins(traceId: string): void;
  traceEnds(traceId: string): void;
}

export class Stage {
  readonly clock: Clock;
  readonly bus: EventBus;
  readonly ids: Ids;
  readonly variables: TemplateScope['variables'];
  readonly problems = new ProblemBook();
  /** Clock time of the start. */
  startedAt = 0;
  /** The run failed: handlers do nothing any more. */
  failure: CfBusError | undefined = undefined;
  /** Set while somebody must know when traces end; costs something for each root event. */
  traces: TraceListener | undefined = undefined;
  /** Events that the simulation published or planned. */
  published = 0;
  readonly #timers = new Set<Timer>();
  readonly #holds = new Set<ClockHold>();
  readonly #onFailure: () => void;

  constructor(parts: StageParts) {
    this.clock = parts.clock;
    this.bus = parts.bus;
    this.ids = parts.ids;
    this.variables = parts.variables;
    this.#onFailure = parts.onFailure;
  }

  /** Milliseconds since the start. */
  get elapsed(): number {
    return this.clock.now() - this.startedAt;
  }

  /** A timer that ends with the simulation at the latest: on the real clock a late one would keep the process alive. */
  setTimer(delay: number, callback: () => void): Timer {
    if (this.clock.kind === 'virtual') return this.clock.setTimer(delay, callback);
    const timer = this.clock.setTimer(delay, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
    return timer;
  }

  cancel(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }

  /** Cancels every timer that is left. */
  clear(): void {
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  /** Remembers that a module's code holds the clock, until it ends or the run does. */
  noteHold(hold: ClockHold): void {
    this.#holds.add(hold);
  }

  releaseHold(hold: ClockHold): void {
    hold.release();
    this.#holds.delete(hold);
  }

  /** Takes the error of a publish that nobody awaits. */
  readonly onRefused = (error: unknown): void => {
    if (!isCfBusError(error)) this.problems.note(error);
    else if (error.code === 'EVENT_LOOP') this.fail(error);
    // After the end nothing is missed.
    else if (error.code !== 'BUS_CLOSED') this.problems.note(error);
  };

  /** Publishes an event that nothing on the bus caused. */
  publishRoot(input: EventInput & { readonly traceId: string }): void {
    const { traces } = this;
    this.published++;
    if (traces === undefined) {
      this.bus.publish(input).catch(this.onRefused);
      return;
    }
    traces.traceBegins(input.traceId);
    this.bus
      .publish(input, { wait: 'cascade' })
      .catch(this.onRefused)
      .finally(() => traces.traceEnds(input.traceId));
  }

  /** Ends the run as failed: handlers do nothing any more. */
  fail(error: CfBusError): void {
    if (this.failure !== undefined) return;
    this.failure = error;
    for (const hold of this.#holds) hold.release();
    this.#holds.clear();
    this.#onFailure();
  }
}
