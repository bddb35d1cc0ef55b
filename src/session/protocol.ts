/**
 * The control protocol: JSON-RPC 2.0, one object a line, over a Unix domain socket. This file is all of its grammar,
 * for the server and for the client. Durations are milliseconds; names are the log's (snake_case).
 *
 * To add a method: one entry in `METHODS`, one in `RESULTS`, one in request.ts's union, and the answer in answers.ts.
 */
import * as z from 'zod/mini';
import type { ErrorCode } from '../kernel/index.js';
import { LEVELS } from '../record/index.js';

/** Raised when an old client could misunderstand a new server or the other way round. */
export const PROTOCOL_VERSION = 1;

/** Bytes of one line, its line break left out. */
export const MAX_LINE_BYTES = 1024 * 1024;
/** Records sent to the publisher of one event (`records: true`); more are counted and left out. */
export const MAX_CASCADE_RECORDS = 10_000;

const text = z.string();
const count = z.number();
const name = z.string().check(z.minLength(1), z.maxLength(200));
const probability = z.optional(z.number().check(z.gte(0), z.lte(1)));

const nothing = z.strictObject({});

/** How a running session is known to others: the description file beside its socket. */
export const SessionDescriptionSchema = z.object({
  /** Chosen by people (`--session`), one living session a name. */
  name: text,
  /** The id in every record of this run. */
  session: text,
  pid: z.int().check(z.gte(1)),
  cwd: text,
  socket: text,
  /** ISO 8601, UTC. */
  started: text,
  /** The log file, absolute; `null` where the run writes none. */
  log: z.nullable(text),
  version: text,
  /** When the process started, in the system's own unit, where it tells: a reused pid is known by it. */
  process_started: z.optional(text),
});

export type SessionDescription = z.infer<typeof SessionDescriptionSchema>;

const fault = { on: z.literal(true), target: name };

/**
 * Switches a fault of handlers on or off. `target` is `handler`, `service.handler` or `service`. A delay is `slow`, an
 * outage is `down`. A fault that is on already is replaced by the new one of its type.
 */
const FaultParams = z.discriminatedUnion('on', [
  z.strictObject({
    on: z.literal(false),
    target: name,
    type: z.enum(['error', 'hang', 'drop', 'duplicate', 'slow', 'down', 'all']),
  }),
  z.discriminatedUnion('type', [
    z.strictObject({ ...fault, type: z.literal('error'), probability, message: z.optional(name) }),
    z.strictObject({ ...fault, type: z.literal('hang'), probability }),
    z.strictObject({ ...fault, type: z.literal('drop'), probability }),
    z.strictObject({ ...fault, type: z.literal('duplicate'), probability }),
    z.strictObject({
      ...fault,
      type: z.literal('slow'),
      probability,
      by_ms: z.number().check(z.gte(0), z.lte(3_600_000)),
    }),
    z.strictObject({ ...fault, type: z.literal('down') }),
  ]),
]);

/** Parameters by method. Unknown keys are refused: a typo must not pass for a default. */
export const METHODS = {
  /** The first request of every connection. `protocol` is the newest version the client speaks. */
  hello: z.strictObject({ protocol: z.int(), client: name, version: z.optional(name) }),
  publish: z.strictObject({
    /** Chosen by the client, unique among all publishes of the session: the same id again gives the same answer. */
    id: name,
    type: text,
    payload: z.optional(z.unknown()),
    source: z.optional(name),
    trace_id: z.optional(name),
    /** Send the records of what this event causes, as `record` notifications with this publish's id. */
    records: z.optional(z.boolean()),
  }),
  /** Records from now on, as `record` notifications. A second `watch` replaces the first. */
  watch: z.strictObject({ level: z.optional(z.enum(LEVELS)), trace_id: z.optional(name) }),
  unwatch: nothing,
  stats: nothing,
  fault: FaultParams,
  pause: nothing,
  resume: nothing,
  stop: nothing,
} as const;

export type Method = keyof typeof METHODS;
export type Params<M extends Method> = z.infer<(typeof METHODS)[M]>;
export type FaultChange = Params<'fault'>;
export type WatchFilter = Params<'watch'>;

/** Results by method, as a client reads them; keys of newer servers are left alone. */
export const RESULTS = {
  hello: z.object({
    ...SessionDescriptionSchema.shape,
    protocol: z.int(),
    scenario: z.nullable(text),
    paused: z.boolean(),
  }),
  /** The event's record is in the log file: write(2) returned. */
  publish: z.object({ event_id: text, trace_id: text }),
  watch: z.object({ watching: z.boolean() }),
  unwatch: z.object({ watching: z.boolean() }),
  /** The guide's statistics in snake_case, and what else the session tells. */
  stats: z.record(z.string(), z.unknown()),
  /** The handlers that the change acts on, as `service.handler`. */
  fault: z.object({ targets: z.array(text) }),
  pause: z.object({ paused: z.boolean() }),
  resume: z.object({ paused: z.boolean() }),
  stop: z.object({ stopping: z.boolean() }),
} as const satisfies Record<Method, unknown>;

export type Result<M extends Method> = z.infer<(typeof RESULTS)[M]>;

/** Parameters by notification: what the server sends unasked. */
export const NOTIFICATIONS = {
  /** Everything that a publish caused has ended, or was given up. Follows the last of its records. */
  settled: z.object({
    /** The client's id of the publish. */
    id: text,
    event_id: text,
    trace_id: text,
    /** False where the session gave up before everything had ended. */
    settled: z.boolean(),
    /** Deliveries of the cascade that ended failed or dead. */
    failed: count,
    /**
     * Records of the cascade that were left out, over a limit; `null` where nobody counted (no records were asked for,
     * or the publish was a repeated one, which gets none).
     */
    records_left_out: z.nullable(count),
  }),
  /** One record of the log. With `publish`, the id of the publish that asked for it; otherwise of the watch. */
  record: z.object({ record: z.record(z.string(), z.unknown()), publish: z.optional(text) }),
  /** So many records of the watch were left out, because this client reads too slowly. */
  dropped: z.object({ count }),
  /** The session ends, in good order. Nothing follows. */
  bye: z.object({ reason: text }),
} as const;

export type NotificationName = keyof typeof NOTIFICATIONS;
export type NotificationParams<N extends NotificationName> = z.infer<(typeof NOTIFICATIONS)[N]>;
export type Settled = NotificationParams<'settled'>;

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

export const RpcErrorSchema = z.object({
  code: z.int(),
  message: text,
  data: z.optional(z.object({ code: text, hint: z.optional(text), exit_code: z.optional(z.int()) })),
});

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
