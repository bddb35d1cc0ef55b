/** The lines of a file that grows, through rotation and truncation. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type Clock, realClock, sleep } from '../../kernel/index.js';

export interface FollowOptions {
  /** Bytes before the present end to begin at, moved to the start of a line. */
  readonly backlog: number;
  readonly clock?: Clock;
  /** Ends the following; what is in the file by then is given first. */
  readonly signal: AbortSignal;
  /** Called once, when the lines that were there at the start have been given. */
  readonly onPresent?: () => void;
}

const POLL_MS = 200;
const CHUNK_BYTES = 256 * 1024;

/**
 * Lines of `path` as they come, without their line breaks; a line that is not ended yet is waited for.
 * @throws the system's error where the file cannot be opened at first.
 */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<string, void, undefined> {
  const { backlog, clock = realClock, signal, onPresent } = options;
  let reader = await LineReader.open(path, backlog);
  let present = false;
  try {
    for (;;) {
      yield* reader.lines();
      if (!present) onPresent?.();
      present = true;
      if (signal.aborted) return;
      await sleep(clock, POLL_MS, signal).catch(() => {});
      const next = await reader.successor(path);
      if (next === undefined) continue;
      // What was written between the last read and the rotation.
      yield* reader.lines();
      await reader.close();
      reader = next;
    }
  } finally {
    await reader.close();
  }
}

class LineReader {
  readonly #handle: FileHandle;
  readonly #inode: bigint;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #position: number;
  /** The part of a line that has come so far. */
  #carry: Buffer[] = [];
  /** True while the rest of a line that began before the backlog is passed over. */
  #skipping: boolean;

  private constructor(handle: FileHandle, inode: bigint, position: number) {
    this.#handle = handle;
    this.#inode = inode;
    this.#position = position;
    this.#skipping = position > 0;
  }

  static async open(path: string, backlog: number): Promise<LineReader> {
    const handle = await open(path, 'r');
    const { ino, size } = await handle.stat({ bigint: true });
    // From the byte before on: where that ends a line, the next one is whole.
    return new LineReader(handle, ino, Math.max(0, Number(size) - backlog - 1));
  }

  /** Lines up to the present end of the file. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const { bytesRead } = await this.#handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position);
      if (bytesRead === 0) return;
      this.#position += bytesRead;
      let start = 0;
      const chunk = this.#buffer.subarray(0, bytesRead);
      for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
        this.#carry.push(chunk.subarray(start, end));
        if (!this.#skipping) yield Buffer.concat(this.#carry).toString('utf8');
        this.#skipping = false;
        this.#carry = [];
        start = end + 1;
      }
      // Copied: the buffer is used again.
      if (start < bytesRead) this.#carry.push(Buffer.from(chunk.subarray(start)));
    }
  }

  /** A reader of what is at `path` now, where that is another file, or this one begun anew. */
  async successor(path: string): Promise<LineReader | undefined> {
    const now = await stat(path, { bigint: true }).catch(() => undefined);
    if (now === undefined) return undefined;
    if (now.ino === this.#inode && now.size >= this.#position) return undefined;
    return LineReader.open(path, Number.POSITIVE_INFINITY).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}
