/**
 * A scenario as the simulator consumes it: validated, every duration in milliseconds, every template compiled.
 * What can still fail during a run carries the position it was written at.
 */
import type { JsonObject, JsonValue } from '../kernel/index.js';

/** A place in a scenario file; line and column count from 1, columns in UTF-16 units. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Scenario {
  readonly version: 1;
  /** The file as it was named by the caller. */
  readonly file: string;
  /** Default: the file's name without its ending. */
  readonly name: string;
  readonly seed: number | undefined;
  readonly variables: Variables;
  readonly services: ReadonlyMap<string, Service>;
  readonly requests: readonly Request[];
  /** Empty: each request once, at the start. */
  readonly phases: readonly Phase[];
  readonly expect: readonly Expectation[];
}

export type Variables = ReadonlyMap<string, JsonValue>;

export interface Service {
  readonly name: string;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly every: readonly Every[];
  readonly position: Position;
}

/** What a service publishes by itself, first after one interval, then after each. */
export interface Every {
  readonly interval: number;
  readonly publish: readonly Publication[];
  readonly position: Position;
}

export interface Handler {
  readonly name: string;
  readonly service: string;
  /** Event types and patterns; at least one, none twice. */
  readonly subscribe: readonly string[];
  /** `undefined`: no limit. */
  readonly concurrency: number | undefined;
  /** `undefined`: no limit. */
  readonly queue: Queue | undefined;
  /** Constant 0 where the file says nothing. */
  readonly delay: Delay;
  readonly timeout: number | undefined;
  readonly retry: Retry | undefined;
  readonly faults: readonly Fault[];
  /** Published when the work is done. */
  readonly publish: readonly Publication[];
  /** Published when an attempt failed for good. */
  readonly onError: readonly Publication[];
  /** An event for which it is false is taken and left alone: no delay, no fault, no publish. */
  readonly when: Condition | undefined;
  /** The user's own code: `delay` passes before it, `publish` follows it. */
  readonly module: ModuleReference | undefined;
  readonly position: Position;
}

export interface ModuleReference {
  /** As written in the file. */
  readonly specifier: string;
  /** Absolute, resolved against the scenario's folder. */
  readonly path: string;
  readonly position: Position;
}

export interface Queue {
  readonly size: number;
  readonly overflow: 'block' | 'drop_newest' | 'drop_oldest';
}

export interface Retry {
  /** In all, the first one included. */
  readonly attempts: number;
  readonly backoff: 'fixed' | 'linear' | 'exponential';
  readonly delay: number;
  readonly maxDelay: number;
  /** Share of the delay, 0 to 1. */
  readonly jitter: number;
}

/** How long something takes, in milliseconds. Draws below zero count as zero. */
export type Delay =
  | { readonly type: 'constant'; readonly value: number }
  | { readonly type: 'uniform'; readonly min: number; readonly max: number }
  | { readonly type: 'normal'; readonly mean: number; readonly stddev: number }
  | { readonly type: 'lognormal'; readonly median: number; readonly p99: number }
  | { readonly type: 'exponential'; readonly mean: number };

export type DelayType = Delay['type'];

interface FaultBase {
  /** Chance that it acts on one attempt, 0 to 1. */
  readonly probability: number;
}

export type Fault = FaultBase &
  (
    | { readonly type: 'error'; readonly message: string }
    /** Never ends by itself: only a timeout or the end of the run ends it. */
    | { readonly type: 'hang' }
    | { readonly type: 'drop' }
    /** The work is done twice. */
    | { readonly type: 'duplicate' }
    | { readonly type: 'slow'; readonly by: Delay }
    /** Fails every attempt that starts in the window; milliseconds since the session started. `Infinity`: for good. */
    | { readonly type: 'down'; readonly from: number; readonly until: number }
  );

export type FaultType = Fault['type'];
export type FaultOf<K extends FaultType> = Extract<Fault, { readonly type: K }>;

/** What templates can name. A part that does not exist where the template stands is refused at load. */
export interface TemplateScope {
  /** From `variableScope(variables)`: made once a run. */
  readonly variables: Readonly<Record<string, JsonValue>>;
  /** In handlers: the handled event. */
  readonly event?: ScopeEvent;
  /** In `on_error`. */
  readonly error?: { readonly name: string; readonly message: string };
  /** In a request's flow: `name`, `trace_id` (after `trace_id` itself is rendered), and what `wait_for … as` captured. */
  readonly request?: Readonly<Record<string, unknown>>;
  /** Counts from 1: requests of the run in a request, ticks in `every`, deliveries of the handler in a handler. */
  readonly sequence?: number;
}

/** An event in templates, with the log's names. */
export interface ScopeEvent {
  readonly id: string;
  readonly type: string;
  readonly source: string;
  readonly trace_id: string;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly payload: Readonly<Record<string, unknown>>;
}

/**
 * Gives its value for a scope; a constant one gives the same frozen value each time.
 * @throws CfBusError `TEMPLATE_FAILED` for a name that is missing.
 */
export type Template<T extends JsonValue> = (scope: TemplateScope) => T;

/**
 * True or false for a scope; a missing payload key is nil.
 * @throws CfBusError `TEMPLATE_FAILED` where a filter fails.
 */
export type Condition = (scope: TemplateScope) => boolean;

export interface Publication {
  /** An event type, never a pattern. */
  readonly type: string;
  readonly payload: Template<JsonObject>;
  /** Milliseconds after the handler has ended; `undefined`: within it, as its last act. */
  readonly after: number | undefined;
  readonly when: Condition | undefined;
  readonly position: Position;
}

/** One flow of steps under one trace id. */
export interface Request {
  readonly name: string;
  /** Above zero. */
  readonly weight: number;
  readonly source: Template<string>;
  /** `undefined`: the bus makes one. */
  readonly traceId: Template<string> | undefined;
  readonly flow: readonly Step[];
  readonly position: Position;
}

export type Step =
  | {
      readonly type: 'publish';
      readonly event: string;
      readonly payload: Template<JsonObject>;
      readonly when: Condition | undefined;
      readonly position: Position;
    }
  | { readonly type: 'think'; readonly time: Delay; readonly position: Position }
  | {
      readonly type: 'wait_for';
      /** An event type or pattern, within the request's trace; also one that happened since the request started. */
      readonly event: string;
      readonly within: number;
      /** Key of `request` that the event is captured under. */
      readonly as: string | undefined;
      readonly position: Position;
    }
  | { readonly type: 'loop'; readonly count: number; readonly flow: readonly Step[]; readonly position: Position };

export type Arrivals = 'even' | 'poisson';

interface PhaseBase {
  readonly name: string | undefined;
  readonly position: Position;
}

/** Durations in milliseconds, rates in requests a second. */
export type Phase = PhaseBase &
  (
    | {
        readonly type: 'constant';
        readonly duration: number;
        readonly arrivalRate: number;
        readonly arrivals: Arrivals;
      }
    /** The rate grows or shrinks linearly from `arrivalRate` to `rampTo`. */
    | {
        readonly type: 'ramp';
        readonly duration: number;
        readonly arrivalRate: number;
        readonly rampTo: number;
        readonly arrivals: Arrivals;
      }
    /** `arrivalCount` requests spread over `duration`; 0: all at once. */
    | { readonly type: 'count'; readonly arrivalCount: number; readonly duration: number; readonly arrivals: Arrivals }
    | { readonly type: 'pause'; readonly duration: number }
  );

/** Metrics of one handler. Times are of attempts, in milliseconds; `error_rate` is 0 to 1; the others are counts. */
export const HANDLER_METRICS = ['p50', 'p95', 'p99', 'error_rate', 'dead', 'dropped', 'queued'] as const;
/** Metrics of the whole run. */
export const RUN_METRICS = ['error_rate', 'dead', 'dropped'] as const;

export type HandlerMetric = (typeof HANDLER_METRICS)[number];
export type RunMetric = (typeof RUN_METRICS)[number];

export type Metric =
  | { readonly of: 'run'; readonly measure: RunMetric }
  | { readonly of: 'handler'; readonly service: string; readonly handler: string; readonly measure: HandlerMetric };

interface ExpectationBase {
  /** As a person would read it, e.g. `index.completed after index.started within 2s`. */
  readonly text: string;
  readonly position: Position;
}

/** Event names are types or patterns. */
export type Expectation = ExpectationBase &
  /** In every trace that has `after`, `event` follows: the first of each, within so many milliseconds if said. */
  (
    | { readonly type: 'after'; readonly event: string; readonly after: string; readonly within: number | undefined }
    /** Over the run; both bounds included. */
    | { readonly type: 'count'; readonly event: string; readonly min: number; readonly max: number }
    | { readonly type: 'never'; readonly event: string }
    /** Strictly below or above; at least one of the two is there. */
    | {
        readonly type: 'metric';
        readonly metric: Metric;
        /** As written, e.g. `index_repository.p95`. */
        readonly name: string;
        readonly below: number | undefined;
        readonly above: number | undefined;
      }
  );
