/** A second thread for searching a file. To start it takes as long as to search a quarter of a gigabyte. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type HelperData, help, readChunk, searchClaim } from './scan-shared.js';

const PROGRAM = `(${help})(require('node:worker_threads').workerData, require('node:fs').readSync, ${searchClaim}, ${readChunk})`;
/** How long this thread waits for the other one before it looks whether that still lives. */
const WAIT_MS = 20;

export class ScanHelper {
  readonly #control: Int32Array;
  #gone = false;

  private constructor(data: HelperData) {
    this.#control = data.scan.control;
    const worker = new Worker(PROGRAM, { eval: true, workerData: data, execArgv: [] });
    // Where there is no second thread to be had, this one searches all.
    worker.on('error', () => {});
    worker.on('exit', () => {
      this.#gone = true;
    });
    worker.unref();
  }

  /** `undefined` where a second thread has no processor. */
  static start(data: HelperData): ScanHelper | undefined {
    return availableParallelism() < 2 ? undefined : new ScanHelper(data);
  }

  /** Waits until the other thread has searched what it has claimed. */
  async finished(): Promise<void> {
    while (!this.#gone && Atomics.load(this.#control, 1) === 1) {
      if (Atomics.wait(this.#control, 1, 1, WAIT_MS) !== 'timed-out') return;
      await nextTurn();
    }
  }
}

/** Lets the event loop do what is due. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
