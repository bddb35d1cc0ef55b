/**
 * What the dashboard knows: a pure function of the records it was given. Everything here is bounded, and nothing is
 * changed once made, so that a paused view simply keeps the `Data` of the moment it was paused.
 */
import type { LogRecord } from '../../record/index.js';
import { Routes } from './routes.js';
import { emptySeries, type Series } from './series.js';

/** Bounds. What falls out of them is still counted. */
export const LIMITS = {
  /** Records of any level that the log pane can show. */
  records: 2_000,
  /** Records of level warn and error, kept longer than the others. */
  problems: 500,
  traces: 600,
  failedTraces: 150,
  slowTraces: 50,
  recordsPerTrace: 400,
  recordsInTraces: 60_000,
  types: 500,
  subscribers: 1_000,
  /** Durations kept for each subscriber, for its percentiles. */
  durations: 256,
  /** Outcomes kept for each subscriber, to tell whether it is failing. */
  outcomes: 20,
} as const;

/** A record and its place in all that was seen. */
export interface Seen {
  /** 1 for the first record. */
  readonly n: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly record: LogRecord;
}

export type Published = Extract<LogRecord, { readonly event: 'event_published' }>;

export interface TypeStats {
  readonly type: string;
  /** Events published. */
  readonly count: number;
  /** Failed attempts of its handlers. */
  readonly errors: number;
  /** Events nobody was subscribed to. */
  readonly unheard: number;
  readonly series: Series;
  readonly last: Published | undefined;
}

export interface SubscriberStats {
  /** `service.handler`, or the handler alone where there is no service. */
  readonly target: string;
  readonly service: string;
  readonly handler: string;
  /** Types and patterns it is subscribed to, by subscription; empty where no record told. */
  readonly patterns: ReadonlyMap<string, string>;
  readonly inFlight: number;
  /** Deliveries that wait for their first attempt; counted only where its patterns are known. */
  readonly queued: number;
  /** Deliveries that wait for their next attempt. */
  readonly waiting: number;
  readonly delivered: number;
  readonly errors: number;
  readonly retries: number;
  readonly dead: number;
  readonly dropped: number;
  readonly abandoned: number;
  /** A ring of the last lengths of attempts; `attempts` of them were put in so far. */
  readonly durations: Float64Array;
  readonly attempts: number;
  /** The last outcomes as bits, newest lowest; 1 is a failure. */
  readonly outcomes: number;
  /** How many bits of `outcomes` count. */
  readonly outcomeCount: number;
  /** When a delivery last died or was dropped; 0 for never. */
  readonly lostAt: number;
  /** What its last failure said. */
  readonly lastError: string | undefined;
  /** When anything last happened to it. */
  readonly time: number;
}

export interface TraceStats {
  readonly key: string;
  readonly id: string;
  /** Hash of `id`, by which lines of it are found. */
  readonly hash: number;
  readonly session: string;
  /** Type of its first event. */
  readonly root: string;
  readonly start: number;
  readonly last: number;
  readonly events: number;
  /** Deliveries that have not ended yet, as far as the records tell. */
  readonly open: number;
  readonly errors: number;
  /** Deliveries that failed for good, died, or were dropped or abandoned. */
  readonly lost: number;
  /** Of those, the ones that failed for good or died: the trace has failed, as `trace` says it. */
  readonly failed: number;
  /** Its first records, up to a bound; `recordCount` were seen. */
  readonly records: readonly Seen[];
  readonly recordCount: number;
  /** Its beginning was not seen. */
  readonly partial: boolean;
}

export interface TraceIndex {
  /** The newest, in order of their beginning. */
  readonly recent: ReadonlyMap<string, TraceStats>;
  /** Older ones that failed. */
  readonly failed: ReadonlyMap<string, TraceStats>;
  /** Older ones that took longest. */
  readonly slow: ReadonlyMap<string, TraceStats>;
  /** Records held by all of them. */
  readonly held: number;
  /** Traces whose beginning was seen. */
  readonly began: number;
  /** Traces that were not followed, because they came faster than they can be shown. */
  readonly skipped: number;
}

/** What people switched, as `control_changed` records tell it. */
export interface ControlState {
  readonly busPaused: boolean;
  readonly speed: number | undefined;
  /** Types of the faults that are on, by target. */
  readonly faults: ReadonlyMap<string, ReadonlySet<string>>;
}

export type Life =
  | { readonly kind: 'running' }
  | { readonly kind: 'stopped'; readonly reason: string; readonly time: number };

export interface Data {
  /** Records seen. */
  readonly total: number;
  /** Of those, the ones that were only counted: more came than can be looked at. */
  readonly unread: number;
  /** `seq` of the newest record. */
  readonly seq: number;
  /** Records that were lost on the way to here: a log gap, a slow client. */
  readonly leftOut: number;
  /** The newest records, oldest first. */
  readonly records: readonly Seen[];
  readonly problems: readonly Seen[];
  readonly types: ReadonlyMap<string, TypeStats>;
  readonly subscribers: ReadonlyMap<string, SubscriberStats>;
  /** Which subscribers an event goes to, as far as subscriptions told. */
  readonly routes: Routes;
  readonly traces: TraceIndex;
  readonly published: Series;
  readonly failures: Series;
  readonly events: number;
  readonly errors: number;
  readonly controls: ControlState;
  readonly life: Life;
  /** `session_started` of the newest session, if it was seen. */
  readonly session: Extract<LogRecord, { readonly event: 'session_started' }> | undefined;
  /** Id of the first session seen. */
  readonly firstSession: string | undefined;
  /** Times of the first and the newest record. */
  readonly began: number;
  readonly time: number;
}

export const emptyData: Data = {
  total: 0,
  unread: 0,
  seq: 0,
  leftOut: 0,
  records: [],
  problems: [],
  types: new Map(),
  subscribers: new Map(),
  routes: new Routes(new Map()),
  traces: { recent: new Map(), failed: new Map(), slow: new Map(), held: 0, began: 0, skipped: 0 },
  published: emptySeries,
  failures: emptySeries,
  events: 0,
  errors: 0,
  controls: { busPaused: false, speed: undefined, faults: new Map() },
  life: { kind: 'running' },
  session: undefined,
  firstSession: undefined,
  began: 0,
  time: 0,
};

/** The trace of `key`, wherever it is kept. */
export function findTrace({ recent, failed, slow }: TraceIndex, key: string): TraceStats | undefined {
  return recent.get(key) ?? failed.get(key) ?? slow.get(key);
}
