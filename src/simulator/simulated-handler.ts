/** One handler of a scenario as the bus runs it. */
import { type Handler as BusHandler, DropDelivery, type Event, type HandlerContext } from '../bus/index.js';
import { describeError, isCfBusError, type Random } from '../kernel/index.js';
import type { Handler, TemplateScope } from '../scenario/index.js';
import { type Sampler, sampler } from './delay.js';
import { FaultSet } from './faults/fault-set.js';
import { type AttemptPlan, DONE } from './faults/plan.js';
import { runModule } from './modules.js';
import { Publisher } from './publisher.js';
import { scopeEvent } from './scope.js';
import type { Stage } from './stage.js';

/** Late timers of the real clock: near its timeout an attempt asks whether it still runs. */
const NEAR_MS = 5;

export interface SimulatedHandlerParts {
  readonly spec: Handler;
  readonly stage: Stage;
  /** The handler's own generator. */
  readonly random: Random;
  /** The user's code, where `spec` names a module. */
  readonly main: BusHandler | undefined;
  readonly blocks: (type: string) => boolean;
}

interface Attempt extends AttemptPlan {
  readonly event: Event;
  readonly context: HandlerContext;
  /** Number of the delivery. */
  readonly number: number;
  readonly startedAt: number;
}

export class SimulatedHandler {
  readonly spec: Handler;
  readonly faults: FaultSet;
  /** What the bus calls. */
  readonly run: BusHandler = (event, context) => this.#run(event, context);
  readonly #stage: Stage;
  readonly #delay: Sampler;
  readonly #main: BusHandler | undefined;
  readonly #publisher: Publisher;
  readonly #onError: Publisher;
  /** Attempts under way that may have to publish `on_error`, by their event: a handler gets each event once. */
  readonly #open = new Map<Event, Attempt>();
  /** The number of a delivery that may be attempted again. */
  readonly #numbers: WeakMap<Event, number> | undefined;
  #deliveries = 0;

  constructor({ spec, stage, random, main, blocks }: SimulatedHandlerParts) {
    this.spec = spec;
    this.#stage = stage;
    this.#delay = sampler(spec.delay, random.fork('delay'));
    this.faults = new FaultSet(spec.faults, random.fork('faults'));
    this.#main = main;
    this.#publisher = new Publisher(stage, spec.publish, blocks);
    this.#onError = new Publisher(stage, spec.onError, blocks);
    this.#numbers = spec.retry === undefined ? undefined : new WeakMap();
  }

  /** `service.handler`. */
  get label(): string {
    return `${this.spec.service}.${this.spec.name}`;
  }

  get publishesOnError(): boolean {
    return !this.#onError.none;
  }

  /**
   * Told of each attempt that failed. For the last one it plans what `on_error` publishes; the delivery has not ended yet,
   * so that this is part of its cascade, and follows its end.
   */
  failed(event: Event, error: unknown, willRetry: boolean): void {
    const attempt = this.#open.get(event);
    if (attempt === undefined) return;
    this.#open.delete(event);
    if (willRetry) return;
    try {
      const scope = { ...this.#scope(event, attempt.number), error: describeError(error) };
      this.#onError.publishAtEnd(scope, attempt.context);
    } catch (failure) {
      this.#stage.problems.note(failure);
    }
  }

  #run(event: Event, context: HandlerContext): unknown {
    // What is left of a failed run is given up when the bus closes.
    if (this.#stage.failure !== undefined) return forever();
    const number = this.#number(event, context);
    const { when } = this.spec;
    if (when !== undefined && !this.#noted(() => when(this.#scope(event, number)))) return undefined;
    const attempt: Attempt = {
      event,
      context,
      number,
      startedAt: this.#stage.clock.now(),
      delay: this.#delay(),
      rounds: 1,
      ending: DONE,
      fault: undefined,
    };
    if (this.publishesOnError) this.#open.set(event, attempt);
    if (!this.faults.none) {
      this.faults.plan(attempt, { elapsed: this.#stage.elapsed, handler: this.label });
      if (attempt.fault !== undefined) context.markFault(attempt.fault);
    }
    return this.#round(attempt, 1);
  }

  /** Deliveries count from 1; another attempt of one keeps its number. */
  #number(event: Event, context: HandlerContext): number {
    if (context.attempt > 1) return this.#numbers?.get(event) ?? this.#deliveries;
    this.#deliveries++;
    this.#numbers?.set(event, this.#deliveries);
    return this.#deliveries;
  }

  #round(attempt: Attempt, round: number): unknown {
    const { delay } = attempt;
    if (delay <= 0) return this.#act(attempt, round);
    if (this.#comesTooLate(attempt, delay)) return forever();
    return new Promise((resolve, reject) => {
      this.#stage.setTimer(delay, () => {
        if (this.#isOver(attempt)) return;
        try {
          resolve(this.#act(attempt, round));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  /** The bus will have timed it out by then. */
  #comesTooLate({ startedAt }: Attempt, delay: number): boolean {
    const { timeout } = this.spec;
    return timeout !== undefined && this.#stage.clock.now() - startedAt + delay >= timeout;
  }

  #isOver({ startedAt, context }: Attempt): boolean {
    const { timeout } = this.spec;
    if (timeout === undefined) return false;
    const elapsed = this.#stage.clock.now() - startedAt;
    return elapsed >= timeout || (elapsed > timeout - NEAR_MS && context.signal.aborted);
  }

  #act(attempt: Attempt, round: number): unknown {
    const { ending } = attempt;
    if (round >= attempt.rounds) {
      if (ending.kind === 'fail') throw ending.error;
      if (ending.kind === 'drop') {
        this.#open.delete(attempt.event);
        throw new DropDelivery(ending.reason);
      }
      if (ending.kind === 'hang') return forever();
    }
    if (this.#main !== undefined) return this.#actWithModule(this.#main, attempt, round);
    const held = this.#publish(attempt);
    return held === undefined ? this.#next(attempt, round) : held.then(() => this.#next(attempt, round));
  }

  async #actWithModule(main: BusHandler, attempt: Attempt, round: number): Promise<unknown> {
    await runModule(main, this.label, this.#stage, attempt.event, attempt.context);
    await this.#publish(attempt);
    return this.#next(attempt, round);
  }

  #publish({ event, number, context }: Attempt): Promise<unknown> | undefined {
    if (this.#publisher.none) return undefined;
    return this.#noted(() => this.#publisher.publish(this.#scope(event, number), context));
  }

  // Made when it is needed: what a sleeping attempt keeps is what the garbage collector has to carry.
  #scope(event: Event, sequence: number): TemplateScope {
    return { variables: this.#stage.variables, event: scopeEvent(event), sequence };
  }

  #next(attempt: Attempt, round: number): unknown {
    if (round < attempt.rounds) return this.#round(attempt, round + 1);
    this.#open.delete(attempt.event);
    return undefined;
  }

  /** A template that fails fails the attempt, and is told of: it is the scenario that is wrong. */
  #noted<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (isCfBusError(error) && error.code === 'TEMPLATE_FAILED') this.#stage.problems.note(error);
      throw error;
    }
  }
}

/** A promise of its own each time: a shared one would keep everybody who waits for it. */
function forever(): Promise<never> {
  return new Promise(() => {});
}
