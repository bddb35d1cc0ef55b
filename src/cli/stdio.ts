/**
 * Standard output and error. Node.js takes 3 to 8 ms to make `process.stdout` for a file or a pipe; writing to the
 * descriptor does the same there (both block until all is written) and takes none.
 */
import { fstatSync, statSync, writeSync } from 'node:fs';
import { devNull } from 'node:os';
import { systemErrorCode } from '../kernel/index.js';
import type { Sink } from './output.js';

export interface Stdio extends Sink {
  /** Resolves when all that was written has left, or failed to. */
  flushed(): Promise<void>;
}

/** @param onFailure called once, when writing fails; what is written later is dropped. */
export function openStdio(fd: 1 | 2, onFailure: (error: Error) => void): Stdio {
  return isPlain(fd) ? descriptorSink(fd, onFailure) : streamSink(fd, onFailure);
}

/** As `openStdio`, for an open descriptor that is no terminal. */
export function descriptorSink(fd: number, onFailure: (error: Error) => void): Stdio {
  return new DescriptorSink(fd, onFailure);
}

/** A file, a pipe, a socket or /dev/null; or nothing at all, where the descriptor is closed. */
function isPlain(fd: number): boolean {
  try {
    const found = fstatSync(fd);
    return !found.isCharacterDevice() || found.rdev === statSync(devNull).rdev;
  } catch {
    return true;
  }
}

function streamSink(fd: 1 | 2, onFailure: (error: Error) => void): Stdio {
  const stream = fd === 1 ? process.stdout : process.stderr;
  let failed = false;
  stream.on('error', (error) => {
    if (!failed) onFailure(error);
    failed = true;
  });
  return {
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.columns;
    },
    write: (text) => void stream.write(text),
    flushed: () => new Promise((resolve) => stream.write('', () => resolve())),
  };
}

/** Milliseconds between two tries at a pipe that is full, where its other end made it non-blocking. */
const RETRY_MS = 1;

class DescriptorSink implements Stdio {
  readonly isTTY = false;
  readonly #fd: number;
  readonly #onFailure: (error: Error) => void;
  #failed = false;

  constructor(fd: number, onFailure: (error: Error) => void) {
    this.#fd = fd;
    this.#onFailure = onFailure;
  }

  write(text: string): void {
    if (this.#failed) return;
    try {
      this.#writeAll(Buffer.from(text));
    } catch (error) {
      this.#failed = true;
      this.#onFailure(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async flushed(): Promise<void> {
    // Every write returned only when it was done.
  }

  #writeAll(bytes: Buffer): void {
    for (let written = 0; written < bytes.length; ) {
      try {
        written += writeSync(this.#fd, bytes, written);
      } catch (error) {
        if (systemErrorCode(error) !== 'EAGAIN') throw error;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
  }
}
