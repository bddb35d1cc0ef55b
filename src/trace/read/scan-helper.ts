/** A second thread for searching a file. To start it takes as long as to search a quarter of a gigabyte. */
import { availableParallelism } from 'node:os';
import { SHARE_ENV, Worker, type WorkerOptions } from 'node:worker_threads';
import { type HelperData, help, readChunk, searchClaim } from './scan-shared.js';

const PROGRAM = `(${help})(require('node:worker_threads').workerData, require('node:fs').readSync, ${searchClaim}, ${readChunk})`;
/** What a thread that only searches can do without; it starts a tenth sooner. */
function lean(): WorkerOptions {
  return { execArgv: [], env: SHARE_ENV, stdout: true, stderr: true, trackUnmanagedFds: false };
}

export class ScanHelper {
  /** Resolves when the other thread has ended: until then it may read from the file. */
  readonly ended: Promise<void>;

  private constructor(data: HelperData) {
    const worker = new Worker(PROGRAM, { eval: true, workerData: data, ...lean() });
    // Where there is no second thread to be had, this one searches all.
    worker.on('error', () => {});
    this.ended = new Promise((resolve) => {
      worker.on('exit', () => resolve());
    });
    worker.unref();
  }

  /** `undefined` where a second thread has no processor. */
  static start(data: HelperData): ScanHelper | undefined {
    return availableParallelism() < 2 ? undefined : new ScanHelper(data);
  }
}

/** Lets the event loop do what is due. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
