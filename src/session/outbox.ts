/** What is on its way to one client: bounded, written in batches, and given up when the client does not read. */
import type net from 'node:net';
import type { Clock, Timer } from '../kernel/index.js';

/** Bytes that may wait for one client; one more and it is cut off. */
export const MAX_OUTPUT_BYTES = 4 * 1024 * 1024;
/** Above this, records are left out and counted; answers still go. */
const RECORDS_HIGH_BYTES = 2 * 1024 * 1024;
/** Below this, records go again. */
const RECORDS_LOW_BYTES = 1024 * 1024;
/** Bytes handed to the socket at a time. */
const BATCH_BYTES = 64 * 1024;
/** A client that takes no batch for so long is gone, even if it is below every limit. */
const STALL_LIMIT_MS = 30_000;

interface Waiting {
  readonly text: string;
  readonly bytes: number;
}

export interface OutboxEvents {
  /** The client must be cut off. */
  overflow(): void;
  /** There is room for records again, after there was none. */
  roomAgain(): void;
}

export class Outbox {
  readonly #socket: net.Socket;
  readonly #clock: Clock;
  readonly #events: OutboxEvents;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #writing = false;
  #scheduled = false;
  #full = false;
  #ended = false;
  #stall: Timer | undefined;

  constructor(socket: net.Socket, clock: Clock, events: OutboxEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
  }

  /** False while so much waits that records are to be left out. */
  get takesRecords(): boolean {
    return !this.#full;
  }

  /** Queues one line, its line break included. Never waits. */
  send(text: string): void {
    if (this.#ended) return;
    const bytes = Buffer.byteLength(text);
    this.#waiting.push({ text, bytes });
    this.#bytes += bytes;
    if (this.#bytes > MAX_OUTPUT_BYTES) return this.#events.overflow();
    if (this.#bytes > RECORDS_HIGH_BYTES) this.#full = true;
    this.#schedule();
  }

  /** Sends what waits, then closes this direction. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#schedule();
  }

  /** Forgets everything; the socket is the caller's to destroy. */
  discard(): void {
    this.#ended = true;
    this.#waiting = [];
    this.#bytes = 0;
    this.#stall?.cancel();
    this.#stall = undefined;
  }

  // Once a turn of the event loop: a burst of records is one write.
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#write();
    });
  }

  #write(): void {
    if (this.#writing || this.#socket.destroyed) return;
    const batch = this.#takeBatch();
    if (batch === undefined) {
      if (this.#ended) this.#socket.end();
      return;
    }
    this.#writing = true;
    this.#stall ??= this.#clock.setTimer(STALL_LIMIT_MS, () => this.#events.overflow(), { background: true });
    this.#socket.write(batch.text, () => this.#written(batch.bytes));
  }

  #written(bytes: number): void {
    this.#writing = false;
    this.#stall?.cancel();
    this.#stall = undefined;
    if (this.#socket.destroyed) return;
    this.#bytes -= bytes;
    if (this.#full && this.#bytes < RECORDS_LOW_BYTES) {
      this.#full = false;
      this.#events.roomAgain();
    }
    this.#write();
  }

  #takeBatch(): Waiting | undefined {
    let bytes = 0;
    let taken = 0;
    for (const line of this.#waiting) {
      if (taken > 0 && bytes + line.bytes > BATCH_BYTES) break;
      bytes += line.bytes;
      taken++;
    }
    if (taken === 0) return undefined;
    const lines = this.#waiting.splice(0, taken);
    return { text: lines.map((line) => line.text).join(''), bytes };
  }
}
