/** Reading logs that may be large: progress on a terminal, and the index that spares most of them the next time. */
import { join } from 'node:path';
import { type Clock, realClock } from '../kernel/index.js';
import { indexLogs, type LogInput, type ReadReport } from '../trace/index.js';
import type { Context } from './context.js';

/** A shorter wait needs no explaining. */
const PATIENCE_MS = 2_000;
const REPAINT_MS = 100;
const CLEAR_LINE = '\r\u001b[K';
/** Less than that is searched as fast as an index is asked. */
const WORTH_INDEXING_BYTES = 64 << 20;

export class LogReading {
  /** Where indexes are; `undefined` where none is to be used. */
  readonly cacheFolder: string | undefined;
  readonly #context: Context;
  readonly #clock: Clock;
  #what = 'read';
  #start: number;
  #painted = 0;

  constructor(context: Context, { index }: { readonly index: boolean }, clock: Clock = realClock) {
    this.cacheFolder = index ? cacheFolder(context.env) : undefined;
    this.#context = context;
    this.#clock = clock;
    this.#start = clock.now();
  }

  /** Takes bytes that are done so far. */
  readonly onProgress = (bytes: number): void => {
    const { notices } = this.#context;
    if (!notices.isTerminal) return;
    const now = this.#clock.now();
    if (now - this.#start < PATIENCE_MS || now - this.#painted < REPAINT_MS) return;
    this.#painted = now;
    const speed = bytes / Math.max(1, now - this.#start) / 1_000;
    notices.write(`${CLEAR_LINE}${gigabytes(bytes)} ${this.#what}, ${Math.round(speed)} MB/s`);
  };

  /** Takes the progress off the terminal. */
  done(): void {
    if (this.#painted > 0) this.#context.notices.write(CLEAR_LINE);
    this.#painted = 0;
  }

  /** Brings the indexes of `inputs` up to date where that is worth it. The answer is printed by then. */
  async keepIndex(inputs: readonly LogInput[], { unindexed }: ReadReport): Promise<void> {
    const { cacheFolder } = this;
    if (cacheFolder === undefined || unindexed < WORTH_INDEXING_BYTES) return;
    const { lifecycle } = this.#context;
    lifecycle.takeSignals(['SIGINT', 'SIGTERM']);
    this.#what = 'indexed for the next time (--no-index: not at all)';
    this.#start = this.#clock.now();
    try {
      const { signal } = lifecycle;
      await indexLogs(inputs, { cacheFolder, now: this.#clock.wallTime(), signal, onProgress: this.onProgress });
    } catch {
      // No place for an index, or no right to it: the next search reads the whole log again, and tells what was asked.
    } finally {
      this.done();
    }
  }
}

function cacheFolder({ XDG_CACHE_HOME, HOME }: NodeJS.ProcessEnv): string | undefined {
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'cf-bus');
  return HOME === undefined || HOME === '' ? undefined : join(HOME, '.cache', 'cf-bus');
}

function gigabytes(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}
