/** A log, put together: recorder, pino, file. */
import { resolve } from 'node:path';
import { type CfBusError, type Clock, newSessionId, realClock, safe } from '../kernel/index.js';
import { LogDestination } from './destination.js';
import { LineBatches } from './line-batches.js';
import { payloadReader } from './payload.js';
import { type LineWriter, PinoSink } from './pino-sink.js';
import { createRecorder, type Recorder } from './recorder.js';
import type { Level } from './schema.js';

export interface LogOptions {
  /** `undefined`: no file; watchers get the records all the same. */
  readonly file: string | undefined;
  /** Records below it are left out. Default `info`. */
  readonly level?: Level | undefined;
  /** Log payloads, not only their keys. Default false. */
  readonly payloads?: boolean | undefined;
  /** Paths below the payload whose values become `[Redacted]`: `user.password`, `items[*].card`. */
  readonly redact?: readonly string[] | undefined;
  /** Time of the records. Default the machine's. */
  readonly clock?: Clock | undefined;
  /** Default: a new id. */
  readonly session?: string | undefined;
  /** Empty the file first. Default false: append. */
  readonly fresh?: boolean | undefined;
  /** Open the file at the first record, and treat a failure then like a full disk. Default false. */
  readonly lazy?: boolean | undefined;
  /** Called once when the log cannot be written. Default: a warning of the process, on stderr. */
  readonly onTrouble?: ((error: CfBusError) => void) | undefined;
  /** Called once when it can be written again. */
  readonly onRecovered?: ((lost: number) => void) | undefined;
  /**
   * Called with every line from the first on, whole and with its line break, many at a time: what is recorded in one
   * turn of the event loop, or before a flush. Also where there is no file, or none that can be written.
   */
  readonly onLines?: ((lines: string) => void) | undefined;
}

export interface Log {
  /** As it was given. */
  readonly file: string | undefined;
  readonly session: string;
  /** Attach it to a bus: `new EventBus({ log })` does. */
  readonly observer: Recorder;
  /** False while records cannot be written. */
  readonly available: boolean;
  /** Writes what was recorded so far, if that is possible; trouble goes to `onTrouble`. */
  flush(): void;
  /**
   * Writes what was recorded so far.
   * @throws CfBusError `LOG_UNAVAILABLE` when records since the last call could not be written.
   */
  flushSync(): void;
  /** Opens the file of that name anew; for SIGHUP after a rotation. */
  reopen(): void;
  /**
   * Writes what is left and closes the file. Later records are not written.
   * @throws CfBusError `LOG_UNAVAILABLE` when records are lost.
   */
  close(): void;
}

const DEFAULT_FILE = 'logs/cf-bus.log';

/** The log's file where nobody named one: `CF_BUS_LOG`, else `logs/cf-bus.log`; `undefined` for `off`. */
export function defaultLogFile(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const { CF_BUS_LOG: named } = env;
  if (named === undefined || named === '') return DEFAULT_FILE;
  return named === 'off' ? undefined : named;
}

/**
 * Opens a log for a bus.
 *
 * ```ts
 * const bus = new EventBus({ log: openLog({ file: 'logs/shop.log', level: 'debug' }) });
 * ```
 * @throws CfBusError `LOG_UNAVAILABLE`, `INVALID_OPTIONS` (a path to redact)
 */
export function openLog(options: LogOptions): Log {
  const { file, level = 'info', payloads = false, clock = realClock, session = newSessionId() } = options;
  const { onLines } = options;
  const payload = payloadReader(options.redact);
  const destination = file === undefined ? undefined : makeDestination(file, options, (lost) => observer.gap(lost));
  const batches = destination === undefined && onLines !== undefined ? new LineBatches(onLines) : undefined;
  const observer = createRecorder({
    session,
    clock,
    level,
    sink: makeSink(destination ?? batches),
    payload: payloads ? payload : undefined,
  });
  return {
    file,
    session,
    observer,
    get available() {
      return destination?.available ?? true;
    },
    flush() {
      batches?.flush();
      destination?.flush();
    },
    flushSync() {
      batches?.flush();
      destination?.flushSync();
    },
    reopen() {
      destination?.reopen();
    },
    close() {
      batches?.close();
      destination?.close();
    },
  };
}

function makeSink(lines: LineWriter | undefined): PinoSink | undefined {
  return lines && new PinoSink(lines);
}

function makeDestination(file: string, options: LogOptions, onGap: (lost: number) => void): LogDestination {
  const destination = new LogDestination({
    // Whole, because the program may change its working directory.
    path: resolve(file),
    fresh: options.fresh,
    onTrouble: options.onTrouble ?? warn,
    onLines: options.onLines,
    onRecovered: (lost) => {
      if (lost > 0) onGap(lost);
      options.onRecovered?.(lost);
    },
  });
  if (options.lazy === true) return destination;
  try {
    destination.open();
  } catch (error) {
    destination.close();
    throw error;
  }
  return destination;
}

function warn(error: CfBusError): void {
  const { hint } = error;
  process.emitWarning(safe(error.message), {
    type: 'CfBusWarning',
    code: error.code,
    ...(hint === undefined ? {} : { detail: hint }),
  });
}
