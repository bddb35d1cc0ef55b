/** Requests as they come: an open model, in which arrivals do not wait for the system. */
import { describeError, isCfBusError, type Random, type Timer } from '../kernel/index.js';
import type { Phase, Request } from '../scenario/index.js';
import { arrivalTimes, plannedDuration } from './arrivals.js';
import { compileFlow, type Flow } from './flow.js';
import { type RequestOutcome, RequestRun } from './request-run.js';
import type { Progress, RequestFailure, TrafficResult } from './results.js';
import type { Stage } from './stage.js';
import { TraceWatch } from './trace-watch.js';

/** Requests started in one go: others must have their turn, too. */
const STARTS_AT_ONCE = 1_000;
const KEPT_FAILURES = 20;
/** Adding up times loses their last bits: a request is due when it is this near, in milliseconds. */
const TIME_EPSILON = 1e-6;

export interface TrafficParts {
  readonly stage: Stage;
  readonly requests: readonly Request[];
  readonly phases: readonly Phase[];
  readonly random: Random;
  /** Without requests: whether services publish by themselves, so that only `stop` ends the traffic. */
  readonly endless: boolean;
  readonly onOver: (result: TrafficResult) => void;
}

export class Traffic {
  readonly #stage: Stage;
  readonly #phases: readonly Phase[];
  readonly #planned: number | undefined;
  readonly #arrivals: Iterator<number, void>;
  readonly #choose: () => Flow | undefined;
  readonly #watch = new TraceWatch();
  readonly #detach: (() => void) | undefined;
  readonly #onOver: (result: TrafficResult) => void;
  readonly #endless: boolean;
  readonly #active = new Set<RequestRun>();
  readonly #failures: RequestFailure[] = [];
  #started = 0;
  #completed = 0;
  #failed = 0;
  #cancelled = 0;
  /** When the next request comes, since the start. */
  #due: number | undefined;
  #timer: Timer | undefined;
  #arriving = true;
  #over = false;

  constructor({ stage, requests, phases, random, endless, onOver }: TrafficParts) {
    this.#stage = stage;
    this.#phases = phases;
    this.#onOver = onOver;
    this.#endless = endless;
    this.#planned = phases.length === 0 ? undefined : plannedDuration(phases);
    const flows = requests.map((request) => compileFlow(request, random.fork('requests').fork(request.name)));
    if (phases.length === 0) {
      this.#arrivals = requests.map(() => 0).values();
      this.#choose = inTurn(flows);
    } else {
      this.#arrivals = arrivalTimes(requests.length === 0 ? [] : phases, random.fork('arrivals'));
      this.#choose = weighted(flows, random.fork('choice'));
    }
    const waits = flows.some((flow) => flow.patterns.length > 0);
    this.#detach = waits ? stage.bus.probe.attach(this.#watch.observer) : undefined;
  }

  start(): void {
    this.#due = this.#nextDue();
    this.#schedule();
  }

  /** No more requests; those that run are cut off. */
  stop(): void {
    this.#arriving = false;
    if (this.#timer !== undefined) this.#stage.cancel(this.#timer);
    for (const run of [...this.#active]) run.cancel();
    this.#endIfOver(true);
  }

  progress(): Progress {
    const { elapsed } = this.#stage;
    return {
      elapsed,
      planned: this.#planned,
      phase: this.#arriving ? phaseAt(this.#phases, elapsed) : undefined,
      started: this.#started,
      active: this.#active.size,
      completed: this.#completed,
      failed: this.#failed,
      events: this.#stage.published,
      over: this.#over,
    };
  }

  /** Traces of the requests under way. */
  activeTraces(): readonly string[] {
    return [...this.#active].map(({ traceId }) => traceId);
  }

  #nextDue(): number | undefined {
    const { done, value } = this.#arrivals.next();
    return done === true ? undefined : value;
  }

  #schedule(): void {
    const { elapsed } = this.#stage;
    if (this.#due !== undefined) {
      this.#timer = this.#stage.setTimer(this.#due - elapsed, () => this.#arrive());
      return;
    }
    // The last phase may go on after its last request.
    const rest = (this.#planned ?? 0) - elapsed;
    if (rest > 0) this.#timer = this.#stage.setTimer(rest, () => this.#lastHasCome());
    else this.#lastHasCome();
  }

  #arrive(): void {
    const until = this.#stage.elapsed + TIME_EPSILON;
    for (let starts = 0; starts < STARTS_AT_ONCE && this.#due !== undefined && this.#due <= until; starts++) {
      this.#startOne();
      // The request may have been what ended the run.
      if (!this.#arriving) return;
      this.#due = this.#nextDue();
    }
    this.#schedule();
  }

  #startOne(): void {
    const flow = this.#choose();
    if (flow === undefined) return;
    const sequence = ++this.#started;
    let run: RequestRun;
    try {
      run = new RequestRun(flow, sequence, this.#stage, (ended, outcome) => this.#ended(ended, outcome));
    } catch (error) {
      return this.#noteFailure(flow, sequence, '', error);
    }
    this.#active.add(run);
    this.#stage.traces?.traceBegins(run.traceId);
    if (flow.patterns.length > 0) this.#watch.add(run);
    run.advance();
  }

  #ended(run: RequestRun, outcome: RequestOutcome): void {
    this.#active.delete(run);
    this.#stage.traces?.traceEnds(run.traceId);
    if (run.flow.patterns.length > 0) this.#watch.remove(run);
    if (outcome.kind === 'completed') this.#completed++;
    else if (outcome.kind === 'cancelled') this.#cancelled++;
    else this.#noteFailure(run.flow, run.sequence, run.traceId, outcome.error);
    this.#endIfOver(false);
  }

  #noteFailure({ request }: Flow, sequence: number, traceId: string, error: unknown): void {
    this.#failed++;
    const timedOut = isCfBusError(error) && error.code === 'TIMEOUT';
    if (!timedOut) this.#stage.problems.note(error);
    if (this.#failures.length >= KEPT_FAILURES) return;
    this.#failures.push({ request: request.name, sequence, traceId, message: describeError(error).message });
  }

  #lastHasCome(): void {
    this.#timer = undefined;
    if (this.#endless) return;
    this.#arriving = false;
    this.#endIfOver(false);
  }

  #endIfOver(stopped: boolean): void {
    if (this.#over || this.#active.size > 0 || (this.#arriving && !stopped)) return;
    this.#over = true;
    this.#detach?.();
    this.#onOver(this.#result());
  }

  #result(): TrafficResult {
    const stage = this.#stage;
    return {
      started: this.#started,
      completed: this.#completed,
      failed: this.#failed,
      cancelled: this.#cancelled,
      failures: this.#failures,
      get failure() {
        return stage.failure;
      },
    };
  }
}

/** Without phases: each request once. */
function inTurn(flows: readonly Flow[]): () => Flow | undefined {
  let next = 0;
  return () => flows[next++];
}

function weighted(flows: readonly Flow[], random: Random): () => Flow | undefined {
  const last = flows.at(-1);
  if (flows.length < 2) return () => last;
  const total = flows.reduce((sum, { request }) => sum + request.weight, 0);
  return () => {
    let left = random.next() * total;
    for (const flow of flows) {
      left -= flow.request.weight;
      if (left < 0) return flow;
    }
    return last;
  };
}

function phaseAt(phases: readonly Phase[], elapsed: number): string | undefined {
  let end = 0;
  for (const [index, phase] of phases.entries()) {
    end += phase.duration;
    if (elapsed < end) return phase.name === undefined ? `phase ${index + 1}` : phase.name;
  }
  return undefined;
}
