/** A client that sends exactly the bytes it is told to, and keeps what it gets, up to a bound. */
import { connect, type Socket } from 'node:net';

/** Bytes that are kept of what comes. */
const KEPT = 64 * 1024;

export class Peer {
  readonly socket: Socket;
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
  received = '';
  isOver = false;
  /** The system's code where the connection failed: a server that is too busy breaks it off. */
  code: string | undefined;
  #watchers: (() => void)[] = [];

  constructor(path: string) {
    this.socket = connect({ path, allowHalfOpen: true });
    this.socket.setEncoding('utf8').on('data', (text: string) => {
      if (this.received.length < KEPT) this.received += text;
      this.#wake();
    });
    this.socket.on('end', () => this.socket.end());
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.code = error.code;
    });
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.isOver = true;
        this.#wake();
        resolve();
      });
    });
  }

  send(bytes: string | Buffer): void {
    if (!this.socket.destroyed) this.socket.write(bytes);
  }

  ask(id: string, method: string, params: object = {}): void {
    this.send(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
  }

  greet(client: string): void {
    this.ask('hello', 'hello', { protocol: 1, client });
  }

  /** True once `text` has come; false where the connection ended without it. */
  async sees(text: string): Promise<boolean> {
    while (!this.received.includes(text)) {
      if (this.isOver) return false;
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
    return true;
  }

  drop(): void {
    this.socket.destroy();
  }

  #wake(): void {
    for (const wake of this.#watchers.splice(0)) wake();
  }
}
