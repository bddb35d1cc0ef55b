/** A client that sends exactly the bytes it is told to, and keeps what it gets. */
import net from 'node:net';

export class RawClient {
  readonly socket: net.Socket;
  readonly messages: Record<string, unknown>[] = [];
  readonly closed: Promise<void>;
  #rest = '';
  #waiters: (() => void)[] = [];
  #ended = false;

  constructor(path: string) {
    this.socket = net.createConnection(path);
    this.socket.on('data', (chunk) => this.#read(chunk.toString('utf8')));
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#ended = true;
        this.#wake();
        resolve();
      });
    });
  }

  send(...messages: unknown[]): this {
    this.socket.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
    return this;
  }

  hello(protocol = 1): this {
    return this.send({ jsonrpc: '2.0', id: 'hello', method: 'hello', params: { protocol, client: 'raw' } });
  }

  /** The first message for which `test` is true, now or later. Rejects when the connection ends without one. */
  async find(test: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
    for (;;) {
      const found = this.messages.find(test);
      if (found !== undefined) return found;
      if (this.#ended) throw new Error(`closed after ${JSON.stringify(this.messages).slice(0, 500)}`);
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  answer(id: string | number | null): Promise<Record<string, unknown>> {
    return this.find((message) => message.id === id);
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.messages.push(JSON.parse(line));
    this.#wake();
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const wake of waiters) wake();
  }
}
