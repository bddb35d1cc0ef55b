/**
 * Where pino's lines go: a file of whole lines, written many at a time.
 *
 * Lines are collected and written once a turn of the event loop, or at 64 KiB. When the file cannot be written
 * (disk full, permission, a directory in its place) they are kept, up to a bound; beyond it they are counted as lost.
 * So are those that went into a file which had been removed. It retries by itself, and tells when trouble starts and ends.
 */
import { writeSync } from 'node:fs';
import { CfBusError, type Clock, realClock, systemErrorCode, type Timer } from '../kernel/index.js';
import { flushAtExit } from './exit-flush.js';
import { LineFile, type WriteBytes } from './line-file.js';
import { logUnavailable, openLogFile } from './log-file.js';
import { Losses } from './losses.js';
import { PendingLines } from './pending-lines.js';

/** Bytes that are collected before a write does not wait for the end of the turn. */
const BATCH_BYTES = 64 * 1024;
/** Bytes kept in memory while the file cannot be written. */
const KEPT_BYTES = 8 * 1024 * 1024;
const RETRY_MS = 500;
/** How often a rename or removal of the file is looked for. */
const LOOK_MS = 1_000;
export interface DestinationOptions {
  /** Absolute path of the file. */
  readonly path: string;
  /** Empties the file when it is first opened. Default false. */
  readonly fresh?: boolean | undefined;
  /** Called once when the file cannot be opened or written. */
  readonly onTrouble?: ((error: CfBusError) => void) | undefined;
  /** Called once when it can be written again, with the number of lines lost meanwhile. Lines written in here come next. */
  readonly onRecovered?: ((lost: number) => void) | undefined;
  /** Bytes kept while the file cannot be written. Default 8 MiB. */
  readonly keptBytes?: number | undefined;
  /** Real time, for retries and for looking at the file: it has nothing to do with the time inside the records. */
  readonly clock?: Clock | undefined;
  readonly write?: WriteBytes | undefined;
  /** Gets every line, many at a time, as they are handed to the file; also those that it cannot take. */
  readonly onLines?: ((lines: string) => void) | undefined;
}

export class LogDestination {
  readonly #path: string;
  readonly #onTrouble: (error: CfBusError) => void;
  readonly #onRecovered: (lost: number) => void;
  readonly #keptBytes: number;
  readonly #clock: Clock;
  readonly #write: WriteBytes;
  readonly #onLines: ((lines: string) => void) | undefined;
  readonly #pending = new PendingLines();
  readonly #losses = new Losses();
  /** The file that was let go last is gone, and nobody was told. */
  #removed = false;
  readonly #stopExitFlush: () => void;
  #fresh: boolean;
  #file: LineFile | undefined;
  #lookedAt = 0;
  #trouble: CfBusError | undefined;
  #retry: Timer | undefined;
  #scheduled = false;
  #closed = false;

  /** Opens nothing yet: the first flush does, or `open`. */
  constructor(options: DestinationOptions) {
    this.#path = options.path;
    this.#fresh = options.fresh === true;
    this.#onTrouble = options.onTrouble ?? (() => {});
    this.#onRecovered = options.onRecovered ?? (() => {});
    this.#keptBytes = options.keptBytes ?? KEPT_BYTES;
    this.#clock = options.clock ?? realClock;
    this.#write = options.write ?? writeSync;
    this.#onLines = options.onLines;
    this.#stopExitFlush = flushAtExit(() => this.flush());
  }

  /** False while what is accepted cannot be written. */
  get available(): boolean {
    return this.#trouble === undefined && !this.#closed;
  }

  /**
   * Opens the file now, to find out early.
   * @throws CfBusError `LOG_UNAVAILABLE`.
   */
  open(): void {
    if (this.#file === undefined) this.#open();
  }

  /** Takes one line, with its line break. Never throws. */
  write(line: string): void {
    if (this.#closed) return;
    if (
      this.#losses.overflowing ||
      (this.#trouble !== undefined && this.#pending.size + line.length > this.#keptBytes)
    ) {
      return this.#lose(line);
    }
    this.#pending.push(line);
    if (this.#pending.unsealed >= BATCH_BYTES) {
      if (this.#trouble === undefined) this.#attempt();
      else this.#seal();
    } else if (!this.#scheduled && (this.#trouble === undefined || this.#onLines !== undefined)) {
      this.#scheduled = true;
      setImmediate(this.#endOfTurn);
    }
  }

  #lose(line: string): void {
    if (!this.#losses.overflowing) this.#seal();
    this.#losses.notKept();
    this.#show(line);
  }

  /** Writes what was accepted so far, if that is possible. */
  flush(): void {
    if (!this.#pending.empty || this.#trouble !== undefined) this.#attempt();
  }

  /**
   * Writes everything accepted so far, into the file that has the log's name now.
   * @throws CfBusError `LOG_UNAVAILABLE` when something accepted since the last call could not be written.
   */
  flushSync(): void {
    if (this.#closed) throw new CfBusError('LOG_UNAVAILABLE', `the log ${this.#path} is closed`);
    const pending = this.#pending;
    if (pending.empty && this.#trouble === undefined && this.#losses.idle(pending.written)) return;
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    this.#attempt();
    const lost = this.#losses.flushed(pending.written);
    if (this.#trouble !== undefined) throw this.#trouble;
    if (lost > 0) throw new CfBusError('LOG_UNAVAILABLE', `${lost} records of the log ${this.#path} were lost`);
  }

  /** Opens the file anew, after it was renamed. Trouble is reported as usual, not thrown. */
  reopen(): void {
    if (this.#closed || (this.#file === undefined && this.#trouble === undefined)) return;
    this.#attempt();
    this.#letGo();
    this.#attempt();
  }

  /**
   * Writes what is left and lets go of the file, timers and listeners.
   * @throws CfBusError `LOG_UNAVAILABLE` when records are lost by that; the file is let go all the same.
   */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    // Whoever removes the log of a program that ends has no use for it: nothing is begun anew, nothing told.
    this.#file?.close();
    this.#file = undefined;
    this.#retry?.cancel();
    this.#stopExitFlush();
    const lost = this.#pending.discard() + this.#losses.untold;
    if (lost === 0) return;
    const { message = `cannot write the log ${this.#path}`, hint } = this.#trouble ?? {};
    throw new CfBusError('LOG_UNAVAILABLE', `${message}; ${lost} ${lost === 1 ? 'record is' : 'records are'} lost`, {
      cause: this.#trouble,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  readonly #endOfTurn = (): void => {
    this.#scheduled = false;
    if (this.#closed || this.#pending.empty) return;
    if (this.#trouble === undefined) this.#attempt();
    else this.#seal();
  };

  #seal(): void {
    const lines = this.#pending.seal();
    if (lines !== '') this.#show(lines);
  }

  #show(lines: string): void {
    const show = this.#onLines;
    if (show !== undefined) quietly(() => show(lines));
  }

  /** Tries to write everything; a failure begins or prolongs the trouble, success ends it. */
  #attempt(): void {
    if (this.#closed) return;
    try {
      this.#seal();
      this.#current().drain(this.#pending);
    } catch (error) {
      // Somebody closed our descriptor: a new one may do.
      if (systemErrorCode(error) === 'EBADF') this.#file = undefined;
      this.#fail(logUnavailable('write', this.#path, error));
      return;
    }
    if (this.#trouble !== undefined) this.#recover();
  }

  #fail(error: CfBusError): void {
    const first = this.#trouble === undefined;
    this.#trouble = error;
    this.#retry?.cancel();
    this.#retry = this.#clock.setTimer(RETRY_MS, () => this.#attempt(), { background: true });
    if (first) quietly(() => this.#onTrouble(error));
  }

  #recover(): void {
    const lost = this.#losses.told();
    this.#trouble = undefined;
    this.#retry?.cancel();
    this.#retry = undefined;
    quietly(() => this.#onRecovered(lost));
    // What was written in there, the record of the gap above all, belongs to the same flush.
    if (!this.#pending.empty) this.#attempt();
  }

  /** The open file that has the log's name. */
  #current(): LineFile {
    const file = this.#file ?? this.#open();
    const now = this.#clock.now();
    if (now - this.#lookedAt < LOOK_MS) return file;
    this.#lookedAt = now;
    if (file.isAt(this.#path)) {
      this.#losses.seen(this.#pending.written);
      return file;
    }
    // Renamed or removed. A line that is half in the old file is completed there if it can be.
    if (this.#pending.midLine) quietly(() => file.drain(this.#pending));
    this.#letGo();
    return this.#open();
  }

  #open(): LineFile {
    this.#file = new LineFile(openLogFile(this.#path, this.#fresh), this.#write);
    this.#fresh = false;
    this.#lookedAt = this.#clock.now();
    this.#pending.rewindToLine();
    this.#losses.seen(this.#pending.written);
    if (this.#removed && this.#trouble === undefined) this.#tellRemoval();
    this.#removed = false;
    return this.#file;
  }

  #tellRemoval(): void {
    const error = new CfBusError('LOG_UNAVAILABLE', `the log ${this.#path} was removed; it is begun anew`);
    this.#trouble = error;
    quietly(() => this.#onTrouble(error));
  }

  #letGo(): void {
    if (this.#file?.isRemoved === true) {
      this.#losses.removed(this.#pending.written);
      this.#removed = true;
    }
    this.#file?.close();
    this.#file = undefined;
  }
}

function quietly(action: () => void): void {
  try {
    action();
  } catch {
    // An observer of ours that failed, or an old file that takes no more: the log goes on.
  }
}
