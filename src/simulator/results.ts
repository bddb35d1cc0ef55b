/** What a simulation reports. All durations are milliseconds of the simulation's clock. */
import type { CloseReport } from '../bus/index.js';
import type { CfBusError } from '../kernel/index.js';
import type { Expectation } from '../scenario/index.js';

/** A request whose flow could not go on: an event it waited for did not come in time, or a template failed. */
export interface RequestFailure {
  readonly request: string;
  readonly sequence: number;
  readonly traceId: string;
  readonly message: string;
}

/** What became of the traffic. */
export interface TrafficResult {
  /** Requests that were started; each of them is in one of the next three. */
  readonly started: number;
  readonly completed: number;
  readonly failed: number;
  /** Cut off by `stop`. */
  readonly cancelled: number;
  /** The first of those that failed. */
  readonly failures: readonly RequestFailure[];
  /** Set once the run itself has failed, be it after the traffic: `EVENT_LOOP`, `CLOCK_STALLED`. */
  readonly failure: CfBusError | undefined;
}

/** How far the traffic is. */
export interface Progress {
  /** Since the start. */
  readonly elapsed: number;
  /** Of all phases together; `undefined` where there are none. */
  readonly planned: number | undefined;
  /** The phase under way: its name, or `phase 2`. */
  readonly phase: string | undefined;
  readonly started: number;
  readonly active: number;
  readonly completed: number;
  readonly failed: number;
  /** Events published or planned by the simulation. */
  readonly events: number;
  /** True once no more requests come and all have ended. */
  readonly over: boolean;
}

/** `inconclusive`: there was nothing to judge, e.g. no trace had the event. */
export type Verdict = 'passed' | 'failed' | 'inconclusive';

/** How one expectation came out. */
export interface Judgement {
  readonly expectation: Expectation;
  readonly verdict: Verdict;
  /** What was found, in one sentence without a final stop. Holds text of the scenario: show it through `safe`. */
  readonly sentence: string;
  /** Traces that speak against it; none where it holds, or is about the run as a whole. */
  readonly traces: {
    /** The first few. */
    readonly ids: readonly string[];
    /** Of all; where one trace may fail more than once, of its failures. */
    readonly count: number;
  };
}

/** A part of the scenario that failed while it ran, e.g. a template whose payload key is missing. */
export interface RunProblem {
  /** With its position: `file:line:column: …`. */
  readonly message: string;
  /** How often it failed. */
  readonly count: number;
}

/** A finished run. */
export interface RunResult {
  readonly seed: number;
  /** Id in every record of the run. */
  readonly session: string;
  /** True where no expectation failed, nothing had to be given up, and the run did not fail itself. */
  readonly passed: boolean;
  readonly failure: CfBusError | undefined;
  readonly traffic: TrafficResult;
  readonly expectations: readonly Judgement[];
  readonly problems: readonly RunProblem[];
  /** What was still under way when the drain ended. */
  readonly left: CloseReport;
  /** Virtual milliseconds from start to end. */
  readonly duration: number;
  readonly events: number;
  readonly deliveries: number;
}
