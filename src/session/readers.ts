/**
 * What another process sent or wrote → our types; keys of newer versions are left alone. By hand: building schemas
 * would double the start-up time of every command that only asks a session something.
 */
import { CfBusError, ERROR_CODES, type ErrorCode, isObject, type JsonObject } from '../kernel/index.js';
import type { ExpectationState, Method, Notification, Result, SessionDescription } from './protocol.js';

/** Thrown within this file only. */
class Misfit extends Error {}

type Fields = Readonly<Record<string, unknown>>;

/** What `read` makes of `value`; `undefined` where the value does not have its form. Never throws. */
export function attempt<T>(read: (value: unknown) => T, value: unknown): T | undefined {
  try {
    return read(value);
  } catch (error) {
    if (error instanceof Misfit) return undefined;
    throw error;
  }
}

function fields(value: unknown): Fields {
  if (isObject(value)) return value;
  throw new Misfit();
}

function text(value: unknown): string {
  if (typeof value === 'string') return value;
  throw new Misfit();
}

function whole(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Misfit();
}

function number(value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new Misfit();
}

function flag(value: unknown): boolean {
  if (typeof value === 'boolean') return value;
  throw new Misfit();
}

function list(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new Misfit();
}

function orNull<T>(read: (value: unknown) => T, value: unknown): T | null {
  return value === null ? null : read(value);
}

/** @throws Misfit */
export function readDescriptionOf(value: unknown): SessionDescription {
  const all = fields(value);
  const pid = whole(all.pid);
  // Zero and below mean groups of processes to the system.
  if (pid < 1) throw new Misfit();
  return {
    name: text(all.name),
    session: text(all.session),
    pid,
    cwd: text(all.cwd),
    socket: text(all.socket),
    started: text(all.started),
    log: orNull(text, all.log),
    version: text(all.version),
    ...(all.process_started !== undefined && { process_started: text(all.process_started) }),
  };
}

const watching = (value: unknown) => ({ watching: flag(fields(value).watching) });
const paused = (value: unknown) => ({ paused: flag(fields(value).paused) });

/** Readers of results, by method. */
export const RESULT_READERS: { readonly [M in Method]: (value: unknown) => Result<M> } = {
  hello: (value) => {
    const { protocol, scenario, paused: isPaused, speed, time } = fields(value);
    return {
      ...readDescriptionOf(value),
      protocol: whole(protocol),
      scenario: orNull(text, scenario),
      paused: flag(isPaused),
      ...(speed !== undefined && { speed: number(speed) }),
      ...(time !== undefined && { time: text(time) }),
    };
  },
  publish: (value) => {
    const { event_id, trace_id } = fields(value);
    return { event_id: text(event_id), trace_id: text(trace_id) };
  },
  watch: watching,
  unwatch: watching,
  stats: (value) => json(value),
  fault: (value) => ({ targets: list(fields(value).targets).map(text) }),
  pause: paused,
  resume: paused,
  speed: (value) => ({ speed: number(fields(value).speed) }),
  payload: (value) => ({ payload: orNull(json, fields(value).payload) }),
  expectations: (value) => {
    const { expectations, finished } = fields(value);
    return {
      expectations: list(expectations).map(expectationOf),
      ...(finished !== undefined && { finished: flag(finished) }),
    };
  },
  stop: (value) => ({ stopping: flag(fields(value).stopping) }),
};

function expectationOf(value: unknown): ExpectationState {
  const { label, state, detail } = fields(value);
  if (state !== 'pending' && state !== 'holds' && state !== 'failed') throw new Misfit();
  return { label: text(label), state, detail: text(detail) };
}

function json(value: unknown): JsonObject {
  // It came out of `JSON.parse`: an object of it holds nothing else.
  if (isJsonObject(value)) return value;
  throw new Misfit();
}

function isJsonObject(value: unknown): value is JsonObject {
  return isObject(value);
}

/** A notification, or `undefined` for one that this version does not know. */
export function readNotification(method: string, params: unknown): Notification | undefined {
  return attempt((value) => notificationOf(method, fields(value)), params);
}

function notificationOf(method: string, params: Fields): Notification | undefined {
  switch (method) {
    case 'record': {
      const record = fields(params.record);
      return { method, params: { record, ...(params.publish !== undefined && { publish: text(params.publish) }) } };
    }
    case 'settled': {
      const settled = {
        id: text(params.id),
        event_id: text(params.event_id),
        trace_id: text(params.trace_id),
        settled: flag(params.settled),
        failed: whole(params.failed),
        records_left_out: orNull(whole, params.records_left_out),
      };
      return { method, params: settled };
    }
    case 'dropped':
      return { method, params: { count: whole(params.count) } };
    case 'bye':
      return { method, params: { reason: text(params.reason) } };
    default:
      return undefined;
  }
}

/** The error that a session sent, as the error it stands for. */
export function readError(value: unknown): CfBusError {
  const read = attempt((given) => {
    const { message, data } = fields(given);
    const { code, hint, exit_code: exitCode } = isObject(data) ? data : {};
    const options = {
      ...(hint !== undefined && { hint: text(hint) }),
      ...(exitCode !== undefined && { exitCode: whole(exitCode) }),
    };
    return new CfBusError(knownCode(code) ?? 'PROTOCOL', text(message), options);
  }, value);
  return read ?? new CfBusError('PROTOCOL', 'the session sent an error of an unknown form', { exitCode: 3 });
}

function knownCode(code: unknown): ErrorCode | undefined {
  return ERROR_CODES.find((known) => known === code);
}
