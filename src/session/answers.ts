/** What the session answers to each request. */
import { checkPayload } from '../kernel/index.js';
import type { Cascade } from './cascade.js';
import {
  type NotificationName,
  type NotificationParams,
  type Params,
  PROTOCOL_VERSION,
  type Result,
  RPC_ERRORS,
  type RpcError,
  type WatchFilter,
} from './protocol.js';
import type { Request } from './request.js';
import type { Room } from './room.js';

export type Answer =
  /** `afterwards` runs once the answer is on its way. */
  | { readonly kind: 'result'; readonly result: Result<Request['method']>; readonly afterwards?: () => void }
  /** An error after which the connection is closed. */
  | { readonly kind: 'final'; readonly error: RpcError };

/** The connection, as answers need it. */
export interface Asker {
  /** How it called itself; the log's `by`. */
  readonly client: string;
  /** Takes one of the places for clients; false where none is left. */
  greet(client: string): boolean;
  notify<N extends NotificationName>(method: N, params: NotificationParams<N>): void;
  watch(filter: WatchFilter): void;
  unwatch(): void;
  /** Sends one record of a publish's cascade; false where there is no room for it. */
  sendCascadeRecord(publish: string, json: () => string): boolean;
  /** Keeps `cascade` until the connection ends it; false where too many are kept already. */
  keep(cascade: Cascade): boolean;
  letGo(cascade: Cascade): void;
}

/** Answers one request. Rejects with what the host throws. Everything up to the host's call happens synchronously. */
export async function answer(room: Room, asker: Asker, request: Request): Promise<Answer> {
  const { host } = room;
  switch (request.method) {
    case 'hello':
      return hello(room, asker, request.params);
    case 'publish':
      return publish(room, asker, request.params);
    case 'watch':
      asker.watch(request.params);
      return result({ watching: true });
    case 'unwatch':
      asker.unwatch();
      return result({ watching: false });
    case 'stats':
      return result({ ...host.stats() });
    case 'fault':
      return result({ targets: [...host.fault(request.params, asker.client)] });
    case 'pause':
      host.pause(asker.client);
      return result({ paused: true });
    case 'resume':
      host.resume(asker.client);
      return result({ paused: false });
    case 'speed':
      host.setSpeed(request.params.speed, asker.client);
      return result({ speed: request.params.speed });
    case 'payload':
      return result({ payload: host.payloadOf(request.params) ?? null });
    case 'expectations':
      return result({ expectations: [...host.expectations()], finished: host.finished() });
    case 'stop':
      host.stop(asker.client);
      return result({ stopping: true });
  }
}

function result(value: Result<Request['method']>): Answer {
  return { kind: 'result', result: value };
}

function hello(room: Room, asker: Asker, params: Params<'hello'>): Answer {
  if (params.protocol !== PROTOCOL_VERSION) {
    const problem = `this session speaks version ${PROTOCOL_VERSION} of the control protocol, not ${params.protocol}`;
    const hint = `use the cf-bus that started it (${room.description.version})`;
    const data = { code: 'PROTOCOL', hint, exit_code: 3 } as const;
    return { kind: 'final', error: { code: RPC_ERRORS.version, message: problem, data } };
  }
  if (asker.greet(params.client)) return result(room.hello());
  const message = `session "${room.description.name}" has as many clients as it serves (${room.places})`;
  const data = { code: 'SESSION_UNREACHABLE', hint: 'end one of them and try again', exit_code: 3 } as const;
  return { kind: 'final', error: { code: RPC_ERRORS.busy, message, data } };
}

async function publish(room: Room, asker: Asker, params: Params<'publish'>): Promise<Answer> {
  const { id, type, source, trace_id: traceId } = params;
  const payload = checkPayload(params.payload ?? {});
  // Listening starts before the event is on the bus: much of what it causes happens within the call.
  const cascade = params.records === true && !room.ledger.knows(id) ? follow(room, asker, id) : undefined;
  try {
    const accepted = await room.ledger.publish(id, { type, payload, source, traceId });
    await room.ledger.written();
    const { event_id, trace_id, settled } = accepted;
    const afterwards = () => {
      cascade?.open(event_id);
      settled
        .catch(() => ({ settled: false, failed: 0 }))
        .then((summary) => {
          const records_left_out = cascade?.leftOut ?? null;
          endCascade(asker, cascade);
          asker.notify('settled', { id, event_id, trace_id, ...summary, records_left_out });
        });
    };
    return { kind: 'result', result: { event_id, trace_id }, afterwards };
  } catch (error) {
    endCascade(asker, cascade);
    throw error;
  }
}

function follow(room: Room, asker: Asker, id: string): Cascade | undefined {
  const cascade = room.feed.cascades.begin((json) => asker.sendCascadeRecord(id, json));
  if (asker.keep(cascade)) return cascade;
  cascade.end();
  return undefined;
}

function endCascade(asker: Asker, cascade: Cascade | undefined): void {
  if (cascade === undefined) return;
  cascade.end();
  asker.letGo(cascade);
}
