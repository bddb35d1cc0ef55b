/** A file that is read from its start to its end. */
import { close, closeSync, open, openSync, read, readSync, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { unreadable } from './unreadable.js';

const openLater = promisify(open);
const closeLater = promisify(close);

/**
 * So much of a file is read at once. To hand work to other threads takes as long as to read this much; what comes after
 * it is read by them, so that a large log does not hold up the program.
 */
const AT_ONCE_BYTES = 1 << 20;

export class SourceFile {
  readonly #path: string;
  readonly #fd: number;
  #atOnce: number;

  private constructor(path: string, fd: number, atOnce: number) {
    this.#path = path;
    this.#fd = fd;
    this.#atOnce = atOnce;
  }

  /** @throws CfBusError `FILE_UNREADABLE` */
  static async open(path: string): Promise<SourceFile> {
    try {
      if (statSync(path).isFile()) return new SourceFile(path, openSync(path, 'r'), AT_ONCE_BYTES);
      // To open a named pipe is to wait for its writer.
      return new SourceFile(path, await openLater(path, 'r'), 0);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  /**
   * Reads on into `into`, and gives the number of bytes; 0 at the end.
   * @throws CfBusError `FILE_UNREADABLE`
   */
  async read(into: Buffer): Promise<number> {
    try {
      if (this.#atOnce <= 0) return await this.#readLater(into);
      const bytes = readSync(this.#fd, into, 0, into.length, null);
      this.#atOnce -= bytes;
      return bytes;
    } catch (error) {
      throw unreadable(this.#path, error);
    }
  }

  #readLater(into: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, into, 0, into.length, null, (error, bytes) => (error === null ? resolve(bytes) : reject(error)));
    });
  }

  async close(): Promise<void> {
    if (this.#atOnce > 0) closeSync(this.#fd);
    else await closeLater(this.#fd);
  }
}
