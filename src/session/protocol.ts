/**
 * The control protocol: JSON-RPC 2.0, one object a line, over a Unix domain socket. This file and methods.ts are all of
 * its grammar, for the server and for the client. Durations are milliseconds; names are the log's (snake_case).
 *
 * To add a method: one entry in `METHODS` (methods.ts), one in `Results` and its reader (readers.ts), one in
 * request.ts's union, and the answer in answers.ts.
 */
import type * as z from 'zod/mini';
import type { ErrorCode, JsonObject } from '../kernel/index.js';
import type { METHODS } from './methods.js';

/** Raised when an old client could misunderstand a new server or the other way round. */
export const PROTOCOL_VERSION = 1;

/** Bytes of one line, its line break left out. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Records sent to the publisher of one event (`records: true`); more are counted and left out. */
export const MAX_CASCADE_RECORDS = 10_000;

/** How a running session is known to others: the description file beside its socket. */
export interface SessionDescription {
  /** Chosen by people (`--session`), one living session a name. */
  readonly name: string;
  /** The id in every record of this run. */
  readonly session: string;
  readonly pid: number;
  /** The folder it was started in, without symbolic links. */
  readonly cwd: string;
  readonly socket: string;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** The log file, absolute; `null` where the run writes none. */
  readonly log: string | null;
  readonly version: string;
  /** When the process started, in the system's own unit, where it tells: a reused pid is known by it. */
  readonly process_started?: string;
}

export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.infer<(typeof METHODS)[M]>;
export type FaultChange = Params<'fault'>;
export type WatchFilter = Params<'watch'>;
/** Whose payload is asked for. */
export type PayloadOf = Params<'payload'>;

/** Results by method. */
export interface Results {
  readonly hello: SessionDescription & {
    readonly protocol: number;
    readonly scenario: string | null;
    readonly paused: boolean;
    /** Times real time; missing where the session is of an older version. */
    readonly speed?: number;
    /** The session's time of day, which passes at its speed: ISO 8601, UTC. Missing as `speed` is. */
    readonly time?: string;
  };
  /** The event's record is in the log file: write(2) returned. */
  readonly publish: { readonly event_id: string; readonly trace_id: string };
  readonly watch: { readonly watching: boolean };
  readonly unwatch: { readonly watching: boolean };
  /** The guide's statistics in snake_case, and what else the session tells. */
  readonly stats: JsonObject;
  /** The handlers that the change acts on, as `service.handler`. */
  readonly fault: { readonly targets: readonly string[] };
  readonly pause: { readonly paused: boolean };
  readonly resume: { readonly paused: boolean };
  readonly speed: { readonly speed: number };
  /** `null` where it is not known, or not any more. Values that the log leaves out are left out here, too. */
  readonly payload: { readonly payload: JsonObject | null };
  readonly expectations: {
    readonly expectations: readonly ExpectationState[];
    /** The traffic is over and nothing is under way; missing where the session is of an older version. */
    readonly finished?: boolean;
  };
  readonly stop: { readonly stopping: boolean };
}

export type Result<M extends Method> = Results[M];

/** How one expectation of the scenario stands. */
export interface ExpectationState {
  /** As in the scenario: `index.completed after index.started within 2s`. */
  readonly label: string;
  /** `pending`: nothing was seen that could decide it. `holds`: it would pass if the run ended now. */
  readonly state: 'pending' | 'holds' | 'failed';
  /** What was seen: `p95 is 280ms`. */
  readonly detail: string;
}

/** Everything that a publish caused has ended, or was given up. Follows the last of its records. */
export interface Settled {
  /** The client's id of the publish. */
  readonly id: string;
  readonly event_id: string;
  readonly trace_id: string;
  /** False where the session gave up before everything had ended. */
  readonly settled: boolean;
  /** Deliveries of the cascade that ended failed or dead. */
  readonly failed: number;
  /**
   * Records of the cascade that were left out, over a limit; `null` where nobody counted (no records were asked for,
   * or the publish was a repeated one, which gets none).
   */
  readonly records_left_out: number | null;
}

/** Parameters by notification: what the server sends unasked. */
export interface Notifications {
  readonly settled: Settled;
  /** One record of the log. With `publish`, the id of the publish that asked for it; otherwise of the watch. */
  readonly record: { readonly record: Readonly<Record<string, unknown>>; readonly publish?: string };
  /** So many records of the watch were left out, because this client reads too slowly. */
  readonly dropped: { readonly count: number };
  /** The session ends, in good order. Nothing follows. */
  readonly bye: { readonly reason: string };
}

export type NotificationName = keyof Notifications;
export type NotificationParams<N extends NotificationName> = Notifications[N];

/** One notification, told apart by `method`. */
export type Notification = {
  [N in NotificationName]: { readonly method: N; readonly params: NotificationParams<N> };
}[NotificationName];

/** JSON-RPC's error codes, and ours from -32000 down. `error.data.code` says more. */
export const RPC_ERRORS = {
  parse: -32700,
  invalidRequest: -32600,
  unknownMethod: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** The session refused; `data.code` is the reason. */
  refused: -32000,
  /** As many clients as the session serves are connected. */
  busy: -32001,
  /** The first request must be `hello`, within its time limit. */
  notGreeted: -32002,
  /** The client speaks a version that the server does not. */
  version: -32003,
} as const;

export interface RpcErrorData {
  readonly code: ErrorCode;
  readonly hint?: string;
  readonly exit_code?: number;
}

export interface RpcError {
  readonly code: number;
  readonly message: string;
  readonly data: RpcErrorData;
}

/** A request's id, echoed in its answer. */
export type RequestId = string | number;
