/**
 * What the dashboard is given: records, and controls for doing things. It knows no bus, no socket and no file; whoever
 * opens it turns one of those into a `DashboardSource`.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z on the scenario's clock (the one of the records' timestamps),
 * durations are milliseconds.
 */
import type { JsonObject } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';

/**
 * Gets records in order of `seq`, in batches of any size, and how many were left out before this batch (a client that
 * reads too slowly, an unreadable line). The batch is not kept: its array may be used again.
 */
export type RecordSink = (batch: readonly LogRecord[], dropped: number) => void;

/**
 * Gets records as the text that the log is made of: whole lines, one or many at a time, each with its line break, and
 * how many were left out before them.
 */
export type LineSink = (lines: string, dropped: number) => void;

/** Facts that no record tells, or that the first records told before anybody looked. */
export interface DashboardHeader {
  /** Name of the scenario or the session; shown first. */
  readonly title: string;
  /** The id in every record; `undefined` where a log holds several. */
  readonly session: string | undefined;
  readonly clock: 'real' | 'virtual';
  /** 1 is real time. */
  readonly speed: number;
  readonly seed: number | undefined;
  /** When the session started; `undefined` where nobody knows. */
  readonly started: number | undefined;
  /** The log file, for "trace this elsewhere" hints. */
  readonly log: string | undefined;
  /**
   * False for a log of level info, or above: it does not tell when deliveries begin or go well, so nothing that follows
   * from that is shown. Default true.
   */
  readonly deliveriesLogged?: boolean | undefined;
  /** The bus was paused when the first record came. Default false. */
  readonly paused?: boolean | undefined;
}

interface SourceOf<K extends string> {
  readonly kind: K;
  readonly header: DashboardHeader;
  /** Starts giving records, those that are known already first; the returned function ends it. */
  subscribe(sink: RecordSink): () => void;
}

export type DashboardSource =
  /** A run in this process. */
  | (SourceOf<'live'> & {
      now(): number;
      /** True once the traffic is over and the bus is idle; a live dashboard stays open then. */
      finished?(): boolean;
    })
  /** A session in another process. */
  | (SourceOf<'session'> & {
      now(): number;
      /** As of a run in this process, as far as the session tells. */
      finished?(): boolean;
      /** Resolves with the reason when the session is gone; the dashboard stays on what it has. */
      readonly closed: Promise<string>;
    })
  /** A log file: its records can be scrubbed. */
  | (SourceOf<'log'> & { readonly file: string });

/**
 * A run in this process that gives its records as lines. The dashboard then lives on a thread of its own: making objects
 * of records, and drawing them, costs the bus next to nothing.
 */
export interface LinesSource {
  readonly kind: 'lines';
  readonly header: DashboardHeader;
  now(): number;
  finished?(): boolean;
  /** Starts giving lines, those that are known already first; the returned function ends it. */
  subscribe(sink: LineSink): () => void;
}

export interface DashboardEvent {
  readonly type: string;
  readonly payload: JsonObject;
  /** Left out: a new trace. */
  readonly traceId?: string | undefined;
}

/** A switch that a person throws on a subscriber; `target` is `service.handler`. */
export type FaultSwitch =
  | { readonly target: string; readonly type: 'error' | 'down'; readonly on: boolean }
  | { readonly target: string; readonly type: 'slow'; readonly on: true; readonly byMs: number }
  | { readonly target: string; readonly type: 'slow'; readonly on: false };

export interface ExpectationView {
  /** As in the scenario: `index.completed after index.started within 2s`. */
  readonly label: string;
  /** `pending`: nothing seen that could decide it. `holds`: would pass if the run ended now. */
  readonly state: 'pending' | 'holds' | 'failed';
  /** What was seen: `p95 is 280ms`, `3 traces too late`. */
  readonly detail: string;
}

/** Whose payload is asked for: one event's, or that of the last one of a type. */
export type WantedPayload = { readonly event_id: string } | { readonly type: string };

/**
 * What can be done from the dashboard; a missing method is a key that does nothing but say so. A method that rejects
 * has its message shown. What a person switched comes back as a `control_changed` record, and is shown from there:
 * `action` is `pause`, `resume`, `speed` (target: the number) or a fault's type and a word, `fault error on`, `slow off`.
 */
export interface DashboardControls {
  publish?(event: DashboardEvent): Promise<{ readonly event_id: string; readonly trace_id: string }>;
  pauseBus?(): void | Promise<void>;
  resumeBus?(): void | Promise<void>;
  /** @param speed times real time, above zero. */
  setSpeed?(speed: number): void | Promise<void>;
  fault?(change: FaultSwitch): void | Promise<void>;
  /** Asked at most twice a second. */
  expectations?(): readonly ExpectationView[];
  /** Types to offer beside those seen in records. */
  knownTypes?(): readonly string[];
  /** What an event carried, where the log does not have payloads; `undefined` where that is not known (any more). */
  payload?(wanted: WantedPayload): JsonObject | undefined | Promise<JsonObject | undefined>;
}

export interface DashboardOptions {
  readonly source: DashboardSource;
  readonly controls?: DashboardControls | undefined;
  /** Must be a terminal that can do raw mode. */
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly ascii: boolean;
  readonly color: boolean;
  /** Lines instead of a picture: no alternate screen, no boxes, changes announced as they happen. */
  readonly screenReader: boolean;
  /** Aborting it closes the dashboard: the way for signals, which belong to the caller. */
  readonly signal?: AbortSignal | undefined;
  /** Called once the terminal is as it was, before `openDashboard` resolves. */
  readonly onExit?: ((exit: DashboardExit) => void) | undefined;
}

/** What `openDashboard` takes. */
export interface OpenOptions extends Omit<DashboardOptions, 'source'> {
  readonly source: DashboardSource | LinesSource;
}

/** Why the dashboard closed. The terminal has been restored by then. */
export type DashboardExit =
  /** `q`. */
  | { readonly kind: 'quit'; readonly expectationFailed: boolean }
  /** Ctrl-C as a key, in raw mode. */
  | { readonly kind: 'interrupt' }
  /** The caller's signal. */
  | { readonly kind: 'aborted' }
  /** Nobody reads the terminal any more (EPIPE, EIO): leave quietly. */
  | { readonly kind: 'unread' }
  /** A bug in a view; report it as any error. */
  | { readonly kind: 'crashed'; readonly error: unknown };
