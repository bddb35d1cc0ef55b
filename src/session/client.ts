/** Reaching a session in another process. */
import { type CfBusError, type Clock, realClock, sleep } from '../kernel/index.js';
import { classify, type LogRecord } from '../record/index.js';
import { NoticeQueue } from './notice-queue.js';
import {
  type Method,
  type Notification,
  type Params,
  PROTOCOL_VERSION,
  type Result,
  type SessionDescription,
  type Settled,
} from './protocol.js';
import type { Acknowledged, FollowOptions, PublishRequest, SessionClient, SessionNotice } from './session-client.js';
import { type Ending, unreachable, Wire } from './wire.js';

const DEFAULT_TIMEOUT_MS = 5_000;
/** Between two tries at a session that is too busy to take the connection. */
const RETRY_MS = 50;

export interface ConnectOptions {
  /** Milliseconds to connect, and for each answer. Default 5,000. */
  readonly timeout?: number | undefined;
  /** What this program calls itself; the session's log names it as the one who switched a fault. */
  readonly client?: string | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * Connects to `session` and greets it.
 * @throws CfBusError `SESSION_UNREACHABLE` (exit code 3) when it is not there, full, or does not answer in time;
 * `PROTOCOL` (exit code 3) when it speaks another version.
 */
export async function connect(
  session: Pick<SessionDescription, 'name' | 'socket'>,
  options: ConnectOptions = {},
): Promise<SessionClient> {
  const clock = options.clock ?? realClock;
  const timeout = options.timeout ?? DEFAULT_TIMEOUT_MS;
  const deadline = clock.now() + timeout;
  const greeting = { protocol: PROTOCOL_VERSION, client: options.client ?? 'cf-bus' };
  for (;;) {
    const wire = new Wire({ name: session.name, socket: session.socket, clock });
    try {
      const hello = await wire.request('hello', greeting, deadline - clock.now());
      return new Client(wire, hello, timeout, `${process.pid}-${clock.wallTime()}-${++connections}`);
    } catch (error) {
      wire.close();
      if (!wire.brokenOff || clock.now() + RETRY_MS >= deadline) throw error;
      await sleep(clock, RETRY_MS);
    }
  }
}

interface Follow {
  readonly onRecord: ((record: LogRecord) => void) | undefined;
  readonly resolve: (settled: Settled) => void;
  readonly reject: (error: CfBusError) => void;
}

let connections = 0;

class Client implements SessionClient {
  readonly session: Result<'hello'>;
  readonly closed: Promise<void>;
  readonly #wire: Wire;
  readonly #timeout: number;
  readonly #queues = new Set<NoticeQueue>();
  /** By the publish's id; several where one id was published several times. */
  readonly #follows = new Map<string, Follow[]>();
  readonly #idPrefix: string;
  #publishes = 0;
  #saidBye = false;

  /** @param idPrefix is this connection's alone. No random one: loading `node:crypto` takes longer than connecting. */
  constructor(wire: Wire, session: Result<'hello'>, timeout: number, idPrefix: string) {
    this.#idPrefix = idPrefix;
    this.#wire = wire;
    this.session = session;
    this.#timeout = timeout;
    wire.onNotification = (notification) => this.#take(notification);
    this.closed = wire.ended.then((ending) => this.#ended(ending));
  }

  request<M extends Method>(method: M, params: Params<M>): Promise<Result<M>> {
    return this.#wire.request(method, params, this.#timeout);
  }

  async publish(request: PublishRequest, options: FollowOptions = {}): Promise<Acknowledged> {
    const { id = `${this.#idPrefix}-${++this.#publishes}`, ...rest } = request;
    const settled = this.#follow(id, options);
    // Whoever does not wait for it must not be told by an unhandled rejection.
    settled.catch(() => {});
    try {
      const records = options.onRecord !== undefined;
      const { event_id, trace_id } = await this.request('publish', { ...rest, id, records });
      return { event_id, trace_id, settled };
    } catch (error) {
      this.#follows.delete(id);
      throw error;
    }
  }

  notices(): AsyncIterableIterator<SessionNotice> {
    const queue: NoticeQueue = new NoticeQueue({
      pause: (paused) => this.#wire.pause(paused),
      stopped: () => this.#queues.delete(queue),
    });
    this.#queues.add(queue);
    return queue;
  }

  close(): void {
    this.#wire.close();
  }

  #follow(id: string, options: FollowOptions): Promise<Settled> {
    return new Promise((resolve, reject) => {
      const follows = this.#follows.get(id) ?? [];
      follows.push({ onRecord: options.onRecord, resolve, reject });
      this.#follows.set(id, follows);
    });
  }

  #take(notification: Notification): void {
    switch (notification.method) {
      case 'record':
        return this.#takeRecord(notification.params.record, notification.params.publish);
      case 'settled':
        return this.#takeSettled(notification.params);
      case 'dropped':
        return this.#tell({ kind: 'dropped', count: notification.params.count });
      case 'bye':
        this.#saidBye = true;
        return this.#tell({ kind: 'bye', reason: notification.params.reason });
    }
  }

  #takeRecord(value: Readonly<Record<string, unknown>>, publish: string | undefined): void {
    const parsed = classify(value);
    // A kind of record that this version does not know.
    if (parsed.kind !== 'record') return;
    if (publish === undefined) return this.#tell({ kind: 'record', record: parsed.record });
    this.#follows
      .get(publish)
      ?.find((follow) => follow.onRecord !== undefined)
      ?.onRecord?.(parsed.record);
  }

  #takeSettled(settled: Settled): void {
    const follows = this.#follows.get(settled.id);
    follows?.shift()?.resolve(settled);
    if (follows?.length === 0) this.#follows.delete(settled.id);
  }

  #tell(notice: SessionNotice): void {
    for (const queue of this.#queues) queue.push(notice);
  }

  #ended(ending: Ending): void {
    const error =
      ending.kind === 'lost' ? ending.error : unreachable(`session "${this.session.name}": connection closed`);
    for (const follow of [...this.#follows.values()].flat()) follow.reject(error);
    this.#follows.clear();
    for (const queue of this.#queues) queue.end(this.#saidBye ? { kind: 'closed' } : ending);
  }
}
