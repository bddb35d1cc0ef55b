/** A file that is read from its start to its end. */
import { close, closeSync, constants, open, openSync, read, readSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { isCfBusError, realClock } from '../../kernel/index.js';
import { unreadable } from './unreadable.js';

const openLater = promisify(open);
const closeLater = promisify(close);

/**
 * So much of a file is read at once. To hand work to other threads takes as long as to read this much; what comes after
 * it is read by them, so that a large log does not hold up the program.
 */
const AT_ONCE_BYTES = 1 << 20;
/** How long a named pipe may be without a writer, in milliseconds. */
const PATIENCE_MS = 1_000;

export class SourceFile {
  readonly #path: string;
  readonly #fd: number;
  #atOnce: number;
  /** Where to read on; `null` where the system knows. */
  #position: number | null;

  private constructor(path: string, fd: number, atOnce: number, start: number) {
    this.#position = start === 0 ? null : start;
    this.#path = path;
    this.#fd = fd;
    this.#atOnce = atOnce;
  }

  /**
   * @param start where to begin; pipes begin at their start
   * @throws CfBusError `FILE_UNREADABLE`
   */
  static async open(path: string, start = 0): Promise<SourceFile> {
    try {
      if (statSync(path).isFile()) return new SourceFile(path, openSync(path, 'r'), AT_ONCE_BYTES, start);
      return new SourceFile(path, await openPipe(path), 0, 0);
    } catch (error) {
      throw isCfBusError(error) ? error : unreadable(path, error);
    }
  }

  /**
   * Reads on into `into`, and gives the number of bytes; 0 at the end.
   * @throws CfBusError `FILE_UNREADABLE`
   */
  async read(into: Buffer): Promise<number> {
    try {
      const bytes =
        this.#atOnce <= 0 ? await this.#readLater(into) : readSync(this.#fd, into, 0, into.length, this.#position);
      this.#atOnce -= bytes;
      if (this.#position !== null) this.#position += bytes;
      return bytes;
    } catch (error) {
      throw unreadable(this.#path, error);
    }
  }

  #readLater(into: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, into, 0, into.length, this.#position, (error, bytes) =>
        error === null ? resolve(bytes) : reject(error),
      );
    });
  }

  async close(): Promise<void> {
    if (this.#atOnce > 0) closeSync(this.#fd);
    else await closeLater(this.#fd);
  }
}

/** To open a named pipe is to wait for its writer, on a thread of its own. */
async function openPipe(path: string): Promise<number> {
  const opened = openLater(path, 'r');
  let giveUp: (fd: undefined) => void = () => {};
  const lonely = new Promise<undefined>((resolve) => {
    giveUp = resolve;
  });
  const timer = realClock.setTimer(PATIENCE_MS, () => giveUp(undefined));
  const fd = await Promise.race([opened, lonely]).finally(() => timer.cancel());
  if (fd !== undefined) return fd;
  opened.then(closeSync, () => {});
  freeReader(path);
  throw unreadable(path, undefined, 'it is a named pipe, and nobody writes to it');
}

/** Nothing but a writer ends the wait of that thread. */
function freeReader(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch {
    // It is not ours to write to, or gone: the thread waits until the process ends.
  }
}
