/** The client's end of one connection: requests out; answers and notifications in. */
import { createConnection, type Socket } from 'node:net';
import { CfBusError, type Clock, isObject, systemErrorCode, type Timer } from '../kernel/index.js';
import { LineFramer } from './framing.js';
import type { Method, Notification, Params, Result } from './protocol.js';
import { attempt, RESULT_READERS, readError, readNotification } from './readers.js';

/** Bytes of one line from the session; a record holds a payload and its escapes. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/**
 * How long a connection that has ended stays open. A process that ends meanwhile leaves the rest to the system: to destroy a
 * socket, Node.js makes `process.stderr` first, which takes 3 ms, a tenth of its start.
 */
const LEFT_OPEN_MS = 10;

/** Why a connection ended: we closed it, or it was lost. */
export type Ending = { readonly kind: 'closed' } | { readonly kind: 'lost'; readonly error: CfBusError };

interface Pending {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: CfBusError) => void;
  readonly timer: Timer;
}

export interface WireOptions {
  /** For error messages. */
  readonly name: string;
  readonly socket: string;
  readonly clock: Clock;
}

/** A busy session breaks connections off like this before it answers; `undefined` is an end without an error. */
const BROKEN_OFF: ReadonlySet<string | undefined> = new Set([undefined, 'EAGAIN', 'ECONNRESET', 'EPIPE']);

export class Wire {
  onNotification: (notification: Notification) => void = () => {};
  readonly #options: WireOptions;
  readonly #socket: Socket;
  readonly #framer = new LineFramer(MAX_ANSWER_BYTES);
  readonly #pending = new Map<number, Pending>();
  readonly #ended: (ending: Ending) => void;
  readonly ended: Promise<Ending>;
  #requests = 0;
  #ending: Ending | undefined;
  #systemCode: string | undefined;
  #lastWords: CfBusError | undefined;
  #wantsPause = false;

  constructor(options: WireOptions) {
    this.#options = options;
    let ended: (ending: Ending) => void = () => {};
    this.ended = new Promise((resolve) => {
      ended = resolve;
    });
    this.#ended = ended;
    this.#socket = createConnection(options.socket);
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    this.#socket.on('error', (error) => {
      this.#systemCode = systemErrorCode(error);
    });
    this.#socket.on('close', () => this.#end({ kind: 'lost', error: this.#lastWords ?? this.#lost() }));
  }

  /** True when the connection ended without a word, as it does when too many connect at once. */
  get brokenOff(): boolean {
    return this.#ending?.kind === 'lost' && this.#lastWords === undefined && BROKEN_OFF.has(this.#systemCode);
  }

  /** @param timeout milliseconds until the answer must be there. */
  request<M extends Method>(method: M, params: Params<M>, timeout: number): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      if (this.#ending !== undefined) return reject(this.#endError(this.#ending));
      const id = ++this.#requests;
      const timer = this.#options.clock.setTimer(timeout, () => {
        this.#pending.delete(id);
        reject(unreachable(`session "${this.#options.name}" did not answer "${method}" within ${timeout} ms`));
      });
      const accept = (value: unknown) => {
        const result = attempt(RESULT_READERS[method], value);
        if (result !== undefined) resolve(result);
        else reject(protocolBroken(this.#options.name, `its answer to "${method}" has an unknown form`));
      };
      this.#pending.set(id, { resolve: accept, reject, timer });
      this.#socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
      this.#flow();
    });
  }

  /** Stops reading while nobody takes what comes; never while an answer is awaited. */
  pause(paused: boolean): void {
    this.#wantsPause = paused;
    this.#flow();
  }

  /** Lets go of the session. Answers and notifications that are on their way are dropped. */
  close(): void {
    this.#end({ kind: 'closed' });
    if (this.#socket.writableLength > 0) return this.#socket.destroySoon();
    this.#socket.unref();
    this.#options.clock.setTimer(LEFT_OPEN_MS, () => this.#socket.destroySoon(), { background: true });
  }

  #flow(): void {
    if (this.#wantsPause && this.#pending.size === 0) this.#socket.pause();
    else if (this.#socket.isPaused()) this.#socket.resume();
  }

  #read(chunk: Buffer): void {
    if (this.#ending !== undefined) return;
    this.#framer.push(chunk);
    for (let line = this.#framer.next(); line !== undefined; line = this.#framer.next()) {
      if (this.#ending !== undefined) return;
      const value = line.kind === 'text' ? parse(line.text) : undefined;
      if (value === undefined) return this.#break();
      this.#take(value);
    }
  }

  #take(message: Record<string, unknown>): void {
    if (typeof message.method === 'string') {
      const notification = readNotification(message.method, message.params);
      // A notification that this version does not know is for newer clients.
      if (notification !== undefined) this.onNotification(notification);
      return;
    }
    const error = 'error' in message ? readError(message.error) : undefined;
    const pending = typeof message.id === 'number' ? this.#pending.get(message.id) : undefined;
    if (pending === undefined) {
      if (error !== undefined) this.#lastWords = error;
      return;
    }
    this.#pending.delete(Number(message.id));
    pending.timer.cancel();
    if (error === undefined) pending.resolve(message.result);
    else pending.reject(error);
    this.#flow();
  }

  #break(): void {
    this.#lastWords = protocolBroken(this.#options.name, 'it sent something else than the control protocol');
    this.#socket.destroy();
  }

  #end(ending: Ending): void {
    if (this.#ending !== undefined) return;
    this.#ending = ending;
    for (const { reject, timer } of this.#pending.values()) {
      timer.cancel();
      reject(this.#endError(ending));
    }
    this.#pending.clear();
    this.#ended(ending);
  }

  #endError(ending: Ending): CfBusError {
    return ending.kind === 'lost'
      ? ending.error
      : unreachable(`the connection to session "${this.#options.name}" is closed`);
  }

  #lost(): CfBusError {
    const { name } = this.#options;
    if (this.#systemCode === 'ENOENT' || this.#systemCode === 'ECONNREFUSED') {
      return unreachable(
        `session "${name}" does not answer: nobody listens at its socket`,
        'cf-bus sessions lists those that run',
      );
    }
    if (this.#systemCode === 'EACCES') return unreachable(`session "${name}" belongs to another user`);
    return unreachable(`the connection to session "${name}" was lost`, 'cf-bus sessions lists those that run');
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function unreachable(message: string, hint?: string): CfBusError {
  return new CfBusError('SESSION_UNREACHABLE', message, { exitCode: 3, ...(hint !== undefined && { hint }) });
}

function protocolBroken(name: string, problem: string): CfBusError {
  return new CfBusError('PROTOCOL', `session "${name}" cannot be understood: ${problem}`, { exitCode: 3 });
}
