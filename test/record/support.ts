/** What the log's tests share: a folder of their own, a clock that is moved by hand, a disk that fails on command. */
import { mkdtempSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { DeliveryView, Event } from '../../src/bus/index.js';
import type { Clock } from '../../src/kernel/index.js';
import {
  createRecorder,
  type LogRecord,
  PinoSink,
  type Recorder,
  type RecorderOptions,
} from '../../src/record/index.js';
import type { WriteBytes } from '../../src/record/line-file.js';

/** A new folder, removed when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-record-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function linesOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

/** Time that passes when told to. */
export class ManualClock implements Clock {
  readonly kind = 'virtual';
  wall = Date.parse('2025-01-23T10:30:00Z');
  #now = 0;
  #timers: { readonly due: number; readonly callback: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.wall;
  }

  get pending(): number {
    return this.#timers.length;
  }

  setTimer(delay: number, callback: () => void): { cancel(): void } {
    const timer = { due: this.#now + delay, callback };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  advance(ms: number): void {
    this.#now += ms;
    this.wall += ms;
    const due = this.#timers.filter((timer) => timer.due <= this.#now);
    this.#timers = this.#timers.filter((timer) => timer.due > this.#now);
    for (const timer of due) timer.callback();
  }
}

/** A disk that writes as many bytes at a time as it is told, and fails on command. */
export class FlakyDisk {
  /** Code of the error every write fails with. */
  failure: string | undefined;
  /** Bytes it still takes before it fails with `ENOSPC`. */
  room = Number.POSITIVE_INFINITY;
  /** Most bytes taken by one write. */
  bite = Number.POSITIVE_INFINITY;

  readonly write: WriteBytes = (fd, bytes, offset, length) => {
    if (this.failure !== undefined) throw systemError(this.failure);
    if (this.room === 0) throw systemError('ENOSPC');
    const written = writeSync(fd, bytes, offset, Math.min(length, this.room, this.bite));
    this.room -= written;
    return written;
  };
}

export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: simulated`), { code });
}

/** The next turn of the event loop but one: everything batched is written by then. */
export function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** A log that ends in memory: its lines, and the records that a watcher saw. */
export interface MemoryLog {
  readonly recorder: Recorder;
  readonly lines: string[];
  readonly seen: LogRecord[];
}

export function memoryLog(options: Partial<RecorderOptions> = {}): MemoryLog {
  const lines: string[] = [];
  const seen: LogRecord[] = [];
  const recorder = createRecorder({
    session: 's1',
    clock: new ManualClock(),
    sink: new PinoSink({ write: (line) => lines.push(line.replace(/\n$/, '')) }),
    ...options,
  });
  recorder.watch((record) => seen.push(record));
  return { recorder, lines, seen };
}

export function makeEvent(changes: Partial<Event> = {}): Event {
  return {
    id: 'evt-s1-1',
    type: 'index.updated',
    payload: {},
    source: 'vector_index_service',
    traceId: 'req-12345',
    timestamp: Date.parse('2025-01-23T10:30:00Z'),
    causationId: undefined,
    causationDeliveryId: undefined,
    ...changes,
  };
}

export function makeDelivery(changes: Partial<DeliveryView> = {}): DeliveryView {
  return {
    id: 'dlv-s1-1',
    event: makeEvent(),
    subscriber: { subscriptionId: 'sub-s1-1', service: 'metrics', handler: 'track', patterns: ['index.*'] },
    attempt: 1,
    queuedMs: 0.25,
    durationMs: 12.5,
    fault: undefined,
    ...changes,
  };
}
