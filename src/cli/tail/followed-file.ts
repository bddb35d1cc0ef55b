/** The lines of a file that grows, through rotation and truncation. */
import { type FileHandle, open, stat } from 'node:fs/promises';
import { CfBusError, type Clock, describeError, realClock, safe, sleep } from '../../kernel/index.js';

/** A file, whatever it is called by now. */
export interface FileIdentity {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly birthtimeNs: bigint;
  readonly ctimeNs: bigint;
}

export interface FollowOptions {
  /**
   * Bytes before the present end to begin at, moved to the start of a line: 0 for what comes, with a line that is being
   * written just now; `Infinity` for all.
   */
  readonly backlog: number;
  readonly clock?: Clock;
  /** Ends the following; what is in the file by then is given first. */
  readonly signal: AbortSignal;
  /** Called once, when the lines that were there at the start have been given. */
  readonly onPresent?: () => void;
  /** Called with each file that is opened, and where in it the lines begin: the first one, and those that take its place. */
  readonly onOpen?: (file: FileIdentity, position: number) => void;
}

const POLL_MS = 200;
const CHUNK_BYTES = 256 * 1024;
/** How far back the start of a line that is being written is looked for. */
const UNFINISHED_BYTES = 64 * 1024;

/**
 * Lines of `path` as they come, without their line breaks; a line that is not ended yet is waited for.
 * @throws the system's error where the file cannot be opened at first.
 */
export async function* followFile(path: string, options: FollowOptions): AsyncGenerator<string, void, undefined> {
  const { backlog, clock = realClock, signal, onPresent, onOpen } = options;
  let reader = await LineReader.open(path, backlog);
  onOpen?.(reader.identity, reader.position);
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
      onOpen?.(reader.identity, reader.position);
    }
  } finally {
    await reader.close();
  }
}

/** Reads a file that grows, line by line, from where the last reading ended. */
export class LineReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly identity: FileIdentity;
  readonly #buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  #position: number;
  /** The part of a line that has come so far. */
  #carry: Buffer[] = [];
  /** True while the rest of a line that began before the backlog is passed over. */
  #skipping: boolean;

  private constructor(path: string, handle: FileHandle, identity: FileIdentity, position: number) {
    this.#path = path;
    this.#handle = handle;
    this.identity = identity;
    this.#position = position;
    this.#skipping = position > 0;
  }

  static async open(path: string, backlog: number): Promise<LineReader> {
    const handle = await open(path, 'r');
    try {
      const status = await handle.stat({ bigint: true });
      const size = Number(status.size);
      // From the byte before on: where that ends a line, the next one is whole.
      const start = Math.max(0, size - backlog - 1);
      return new LineReader(path, handle, status, (await lastLineBreak(handle, start, size)) ?? start);
    } catch (error) {
      await handle.close();
      throw unreadable(path, error);
    }
  }

  /** Where the next read begins. */
  get position(): number {
    return this.#position;
  }

  /** Lines up to the present end of the file. */
  async *lines(): AsyncGenerator<string, void, undefined> {
    for (;;) {
      const bytesRead = await this.#read();
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

  async #read(): Promise<number> {
    try {
      return (await this.#handle.read(this.#buffer, 0, CHUNK_BYTES, this.#position)).bytesRead;
    } catch (error) {
      throw unreadable(this.#path, error);
    }
  }

  /** A reader of what is at `path` now, where that is another file, or this one begun anew. */
  async successor(path: string): Promise<LineReader | undefined> {
    const now = await stat(path, { bigint: true }).catch(() => undefined);
    if (now === undefined) return undefined;
    if (now.ino === this.identity.ino && now.size >= this.#position) return undefined;
    return LineReader.open(path, Number.POSITIVE_INFINITY).catch(() => undefined);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

/** The system's error of a read names no file. */
function unreadable(path: string, error: unknown): CfBusError {
  return new CfBusError('FILE_UNREADABLE', `cannot read ${safe(path)}: ${safe(describeError(error).message)}`, {
    cause: error,
  });
}

/** The last line break before `start`, where that is in a line which is not ended yet. */
async function lastLineBreak(handle: FileHandle, start: number, size: number): Promise<number | undefined> {
  const buffer = Buffer.alloc(Math.min(size, UNFINISHED_BYTES));
  const from = size - buffer.length;
  if (start < from) return undefined;
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, from);
  const last = buffer.subarray(0, bytesRead).lastIndexOf(10);
  if (last === -1) return from === 0 ? 0 : undefined;
  return from + last < start ? from + last : undefined;
}
