/** One client of the session, on the server's side: it is bounded in every direction, and the bus never waits for it. */
import type net from 'node:net';
import type { Clock, Timer } from '../kernel/index.js';
import { type Answer, type Asker, answer } from './answers.js';
import type { Cascade } from './cascade.js';
import { LineFramer } from './framing.js';
import { Outbox } from './outbox.js';
import {
  MAX_LINE_BYTES,
  type NotificationName,
  type NotificationParams,
  type RequestId,
  RPC_ERRORS,
  type RpcError,
  type WatchFilter,
} from './protocol.js';
import { parseRequest, protocolError, type Request, rpcErrorOf } from './request.js';
import type { Guest, Room } from './room.js';

/** Requests of one client that are being answered; the next ones wait in its socket. */
const MAX_IN_FLIGHT = 64;
/** Publishes of one client whose records are sent at the same time. */
const MAX_FOLLOWED = 1_000;
const HELLO_LIMIT_MS = 2_000;
/** How long a client that is being let go may take to read the rest. */
const FAREWELL_MS = 1_000;

type Phase = 'new' | 'greeted' | 'ending';

export class Connection implements Asker, Guest {
  readonly #socket: net.Socket;
  readonly #room: Room;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #framer = new LineFramer(MAX_LINE_BYTES);
  readonly #cascades = new Set<Cascade>();
  #phase: Phase = 'new';
  #client = 'unknown';
  #inFlight = 0;
  #pumping = false;
  #inputEnded = false;
  #goodbye: string | undefined;
  #unwatch: (() => void) | undefined;
  #leftOut = 0;
  #timer: Timer | undefined;

  constructor(socket: net.Socket, room: Room) {
    this.#socket = socket;
    this.#room = room;
    this.#clock = room.clock;
    this.#outbox = new Outbox(socket, room.clock, {
      overflow: () => this.cutOff(),
      roomAgain: () => this.#tellLeftOut(),
    });
    this.#setTimer(HELLO_LIMIT_MS, () => {
      this.#refuse(null, protocolError(RPC_ERRORS.notGreeted, 'no "hello" came within 2 s'));
    });
    socket.on('data', (chunk: Buffer) => {
      if (this.#phase === 'ending') return;
      this.#framer.push(chunk);
      this.#pump();
    });
    socket.on('end', () => {
      this.#inputEnded = true;
      this.#pump();
    });
    socket.on('error', () => this.cutOff());
    socket.on('close', () => this.cutOff());
  }

  get client(): string {
    return this.#client;
  }

  /** Says `bye` once the requests that are being answered have their answers, and closes. */
  shutdown(reason: string): void {
    this.#goodbye = reason;
    this.#pump();
  }

  /** Closes at once; what was on its way is lost. */
  cutOff(): void {
    this.#outbox.discard();
    this.#socket.destroy();
    this.#leave();
    this.#room.left(this);
  }

  greet(client: string): boolean {
    if (this.#phase === 'greeted') return true;
    if (!this.#room.admit(this)) return false;
    this.#client = client;
    this.#phase = 'greeted';
    this.#timer?.cancel();
    return true;
  }

  notify<N extends NotificationName>(method: N, params: NotificationParams<N>): void {
    this.#sendRaw(`{"jsonrpc":"2.0","method":"${method}","params":${JSON.stringify(params)}}\n`);
  }

  watch(filter: WatchFilter): void {
    this.unwatch();
    const take = (json: () => string) => {
      if (this.#outbox.takesRecords)
        this.#sendRaw(`{"jsonrpc":"2.0","method":"record","params":{"record":${json()}}}\n`);
      else this.#leftOut++;
    };
    this.#unwatch = this.#room.feed.watch({ filter, take });
  }

  unwatch(): void {
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#tellLeftOut();
  }

  sendCascadeRecord(publish: string, json: () => string): boolean {
    if (!this.#outbox.takesRecords) return false;
    const id = JSON.stringify(publish);
    this.#sendRaw(`{"jsonrpc":"2.0","method":"record","params":{"record":${json()},"publish":${id}}}\n`);
    return true;
  }

  keep(cascade: Cascade): boolean {
    if (this.#phase === 'ending' || this.#cascades.size >= MAX_FOLLOWED) return false;
    this.#cascades.add(cascade);
    return true;
  }

  letGo(cascade: Cascade): void {
    this.#cascades.delete(cascade);
  }

  #sendRaw(line: string): void {
    this.#outbox.send(line);
  }

  #tellLeftOut(): void {
    if (this.#leftOut === 0) return;
    const count = this.#leftOut;
    this.#leftOut = 0;
    this.notify('dropped', { count });
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#phase !== 'ending' && this.#goodbye === undefined && this.#inFlight < MAX_IN_FLIGHT) {
      const line = this.#framer.next();
      if (line === undefined) break;
      const parsed = parseRequest(line);
      if (parsed.kind === 'request') this.#serve(parsed.request);
      else if (parsed.fatal || this.#phase === 'new') this.#refuse(parsed.id, parsed.error);
      else this.#sendError(parsed.id, parsed.error);
    }
    this.#pumping = false;
    if (this.#phase === 'ending') return;
    if (this.#inFlight >= MAX_IN_FLIGHT) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
    if (this.#inFlight === 0 && (this.#inputEnded || this.#goodbye !== undefined)) this.#finish();
  }

  #serve(request: Request): void {
    if (this.#phase === 'new' && request.method !== 'hello') {
      return this.#refuse(request.id, protocolError(RPC_ERRORS.notGreeted, 'the first request must be "hello"'));
    }
    this.#inFlight++;
    answer(this.#room, this, request).then(
      (given) => this.#answered(request.id, given),
      (thrown: unknown) => this.#failed(request.id, rpcErrorOf(thrown)),
    );
  }

  #answered(id: RequestId, given: Answer): void {
    this.#inFlight--;
    if (given.kind === 'result') {
      this.#sendRaw(`${JSON.stringify({ jsonrpc: '2.0', id, result: given.result })}\n`);
      given.afterwards?.();
    } else this.#refuse(id, given.error);
    this.#pump();
  }

  #failed(id: RequestId, error: RpcError): void {
    this.#inFlight--;
    this.#sendError(id, error);
    this.#pump();
  }

  #sendError(id: RequestId | null, error: RpcError): void {
    this.#sendRaw(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
  }

  #refuse(id: RequestId | null, error: RpcError): void {
    if (this.#phase === 'ending') return;
    this.#sendError(id, error);
    this.#finish();
  }

  /** Sends the rest and closes; a client that does not read it is cut off. */
  #finish(): void {
    if (this.#phase === 'ending') return;
    this.unwatch();
    if (this.#phase === 'greeted' && this.#goodbye !== undefined) this.notify('bye', { reason: this.#goodbye });
    this.#leave();
    this.#outbox.end();
    // What still comes is thrown away: closing with unread bytes would take our last words from the client.
    this.#socket.resume();
    this.#setTimer(FAREWELL_MS, () => this.cutOff());
  }

  #leave(): void {
    this.#timer?.cancel();
    this.#phase = 'ending';
    this.unwatch();
    for (const cascade of this.#cascades) cascade.end();
    this.#cascades.clear();
    this.#room.leaves(this);
  }

  #setTimer(delay: number, callback: () => void): void {
    this.#timer = this.#clock.setTimer(delay, callback, { background: true });
  }
}
