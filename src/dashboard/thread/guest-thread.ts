/** The dashboard's thread, as that of the bus holds it; it may be started before there is anything to show. */
import { Worker } from 'node:worker_threads';
import type { GuestData, ToGuest, ToHost } from './wire.js';

export interface GuestListener {
  readonly heard: (message: ToHost) => void;
  /** It ended before anybody asked it to. */
  readonly failed: (error: unknown) => void;
}

/** Tells our thread from any other that may load its program. */
export const GUEST_KIND = 'cf-bus-dashboard';

export class GuestThread {
  readonly #worker: Worker;
  #listener: GuestListener | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param program URL of the module that serves the thread. */
  constructor(program: string) {
    this.#worker = new Worker(new URL(program), { workerData: { kind: GUEST_KIND }, execArgv: [] });
    this.#worker.on('message', (message: ToHost) => this.#listener?.heard(message));
    this.#worker.on('error', (error) => this.#fail(error));
    this.#worker.on('exit', () => this.#fail(new Error('the thread of the dashboard ended')));
    // Until there is something to show it does not keep the process alive.
    this.#worker.unref();
  }

  /** Has it show something. */
  begin(data: GuestData, listener: GuestListener): void {
    this.#listener = listener;
    this.#worker.ref();
    this.post({ kind: 'begin', data });
    if (this.#failure !== undefined) listener.failed(this.#failure.error);
  }

  post(message: ToGuest): void {
    this.#worker.postMessage(message);
  }

  async end(): Promise<void> {
    this.#listener = undefined;
    await this.#worker.terminate();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#listener?.failed(error);
  }
}
