/** A connection to a session in another process, as the command line uses it. */
import type { LogRecord } from '../record/index.js';
import type { Method, Params, Result, Settled } from './protocol.js';

/** What the session sends unasked to one that watches. */
export type SessionNotice =
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** Records left out because this client reads too slowly. */
  | { readonly kind: 'dropped'; readonly count: number }
  /** The session ends in good order; the last notice. */
  | { readonly kind: 'bye'; readonly reason: string };

/** `id` defaults to a new one; give one to be able to ask again. */
export type PublishRequest = Omit<Params<'publish'>, 'id' | 'records'> & { readonly id?: string };

export interface FollowOptions {
  /** Gets every record of the cascade, in order, before `settled` resolves. Left out: no records are asked for. */
  readonly onRecord?: (record: LogRecord) => void;
}

/** A publish the session has acknowledged. */
export interface Acknowledged {
  readonly event_id: string;
  readonly trace_id: string;
  /**
   * Resolves when everything the event caused has ended. Rejects with `SESSION_UNREACHABLE` (exit code 3) when the
   * connection ends first.
   */
  readonly settled: Promise<Settled>;
}

/** Every method rejects with `SESSION_UNREACHABLE` (exit code 3) when the connection is lost or does not answer in time. */
export interface SessionClient {
  /** What the session answered to `hello`. */
  readonly session: Result<'hello'>;
  /** @throws CfBusError with the session's code (`LOG_UNAVAILABLE`, `INVALID_EVENT`, `NOT_FOUND`, …). */
  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>>;
  /** Publishes and follows. */
  publish(request: PublishRequest, follow?: FollowOptions): Promise<Acknowledged>;
  /**
   * Records and other notices from this call on, for `watch`. Ends after `bye`; throws `SESSION_UNREACHABLE` when the
   * connection is lost. Leaving the loop stops the buffering, not the watch.
   */
  notices(): AsyncIterableIterator<SessionNotice>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
  close(): void;
}
