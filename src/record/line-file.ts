/** An open file that holds whole lines: after a write that stopped inside a line, the line is completed or begun again. */
import { closeSync, fstatSync, statSync } from 'node:fs';
import { systemErrorCode } from '../kernel/index.js';
import { hasTornTail, type LogFile } from './log-file.js';
import type { PendingLines } from './pending-lines.js';

/** Tries of one write that the system asks to repeat. */
const BUSY_TRIES = 100;
const LINE_BREAK = Buffer.from('\n');

/** Writes some of `bytes`, from `offset` on, and returns how many, like `fs.writeSync`. */
export type WriteBytes = (fd: number, bytes: Buffer, offset: number, length: number) => number;

export class LineFile {
  readonly #file: LogFile;
  readonly #write: WriteBytes;
  #tailNeedsBreak: boolean;
  /** Size of the file after a write that ended inside a line and could not go on. */
  #tornSize = 0;

  constructor(file: LogFile, write: WriteBytes) {
    this.#file = file;
    this.#write = write;
    this.#tailNeedsBreak = file.tornTail;
  }

  /** True while `path` names this very file. */
  isAt(path: string): boolean {
    const named = statSync(path, { throwIfNoEntry: false });
    return named !== undefined && named.ino === this.#file.inode && named.dev === this.#file.device;
  }

  /** True once no name leads to this file any more: what is in it is lost when it is closed. */
  get isRemoved(): boolean {
    try {
      return fstatSync(this.#file.fd).nlink === 0;
    } catch {
      return false;
    }
  }

  /**
   * Writes all sealed lines.
   * @throws the system's error; what is written is taken out of `pending`, so that the next call goes on from there.
   */
  drain(pending: PendingLines): void {
    if (pending.midLine) this.#checkTear(pending);
    try {
      for (let next = pending.next(); next !== undefined; next = pending.next()) {
        if (this.#tailNeedsBreak) {
          this.#writeSome(LINE_BREAK, 0);
          this.#tailNeedsBreak = false;
        }
        pending.wrote(this.#writeSome(next.bytes, next.offset));
      }
    } catch (error) {
      if (pending.midLine) this.#tornSize = fstatSync(this.#file.fd).size;
      throw error;
    }
  }

  close(): void {
    try {
      closeSync(this.#file.fd);
    } catch {
      // The descriptor is gone already, or the system reports late what no longer can be mended.
    }
  }

  /** A line can be continued only where it was left. If others wrote since, or the file was cut, it is begun again. */
  #checkTear(pending: PendingLines): void {
    if (fstatSync(this.#file.fd).size === this.#tornSize) return;
    pending.rewindToLine();
    this.#tailNeedsBreak = hasTornTail(this.#file.fd);
  }

  #writeSome(bytes: Buffer, offset: number): number {
    for (let tries = 1; ; tries++) {
      try {
        const count = this.#write(this.#file.fd, bytes, offset, bytes.length - offset);
        if (count > 0) return count;
        throw new Error('the file takes no more bytes');
      } catch (error) {
        const code = systemErrorCode(error);
        if ((code !== 'EAGAIN' && code !== 'EINTR') || tries === BUSY_TRIES) throw error;
      }
    }
  }
}
