/** A file or a stream as blocks of whole lines; gzip is known by its first bytes, whatever the file is called. */
import { closeSync, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { systemErrorCode } from '../../kernel/index.js';
import { LineBlocks } from './line-blocks.js';
import { SourceFile } from './source-file.js';
import { unreadable } from './unreadable.js';

export interface Block {
  /** Whole lines with their line breaks; in the last block possibly one without. */
  readonly lines: Buffer;
  /** False where the end of `lines` is the end of the input and not of a line. */
  readonly terminated: boolean;
  /** Lines over the limit that were passed over before or in this block. */
  readonly tooLong: number;
}

const GZIP = Buffer.from([0x1f, 0x8b]);

/** True for the first bytes of a file that must be unpacked. */
export function isPacked(start: Buffer): boolean {
  return start.subarray(0, GZIP.length).equals(GZIP);
}

/** True for a file that must be unpacked to be read. */
export function isPackedFile(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const start = Buffer.alloc(4);
    return isPacked(start.subarray(0, readSync(fd, start, 0, start.length, 0)));
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * @param start where to begin; a packed file begins at its start
 * @throws CfBusError `FILE_UNREADABLE`
 */
export async function* fileBlocks(path: string, start = 0): AsyncGenerator<Block, void, undefined> {
  const file = await SourceFile.open(path, start > 0 && isPackedFile(path) ? 0 : start);
  try {
    const lines = new LineBlocks();
    const begun = await file.read(lines.space());
    const first = lines.space().subarray(0, begun);
    if (isPacked(first)) yield* cut(gunzip(chunksOf(file, first), path));
    else yield* plainBlocks(file, lines, begun);
  } finally {
    await file.close();
  }
}

/** @throws CfBusError `FILE_UNREADABLE` for damaged gzip */
export async function* streamBlocks(
  stream: AsyncIterable<Uint8Array | string>,
  name: string,
): AsyncGenerator<Block, void, undefined> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    let ended = false;
    while (head.length < GZIP.length && !ended) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else head = Buffer.concat([head, toBytes(next.value)]);
    }
    const chunks = prepended(head, iterator);
    yield* cut(isPacked(head) ? gunzip(chunks, name) : chunks);
  } finally {
    await iterator.return?.();
  }
}

async function* plainBlocks(
  file: SourceFile,
  lines: LineBlocks,
  begun: number,
): AsyncGenerator<Block, void, undefined> {
  let reported = 0;
  for (let bytes = begun; bytes > 0; bytes = await file.read(lines.space())) {
    const whole = lines.commit(bytes);
    if (whole.length === 0) continue;
    yield { lines: whole, terminated: true, tooLong: lines.tooLong - reported };
    reported = lines.tooLong;
  }
  yield { lines: lines.rest(), terminated: false, tooLong: lines.tooLong - reported };
}

/** Copies chunks into blocks of whole lines. */
async function* cut(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Block, void, undefined> {
  const lines = new LineBlocks();
  let reported = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length; ) {
      const space = lines.space();
      const part = chunk.subarray(from, from + space.length);
      space.set(part);
      from += part.length;
      const whole = lines.commit(part.length);
      if (whole.length === 0) continue;
      yield { lines: whole, terminated: true, tooLong: lines.tooLong - reported };
      reported = lines.tooLong;
    }
  }
  yield { lines: lines.rest(), terminated: false, tooLong: lines.tooLong - reported };
}

async function* chunksOf(file: SourceFile, first: Buffer): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  const buffer = Buffer.allocUnsafeSlow(1 << 16);
  for (let bytes = await file.read(buffer); bytes > 0; bytes = await file.read(buffer)) {
    yield buffer.subarray(0, bytes);
  }
}

async function* prepended(
  head: Buffer,
  iterator: AsyncIterator<Uint8Array | string>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield head;
  for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield toBytes(next.value);
}

function toBytes(chunk: Uint8Array | string): Uint8Array {
  return typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
}

async function* gunzip(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array, void, undefined> {
  const unzip = createGunzip();
  const feed = async () => {
    for await (const chunk of chunks) {
      if (unzip.destroyed) return;
      await write(unzip, chunk);
    }
    unzip.end();
  };
  // Not waited for at the end: a pipe that stays open would hold us.
  feed().catch((error: unknown) => {
    unzip.destroy(error instanceof Error ? error : new Error(String(error)));
  });
  try {
    for await (const chunk of unzip) yield chunk;
  } catch (error) {
    // Cut short: what could be unpacked was given, and its last line will count as torn.
    if (systemErrorCode(error) !== 'Z_BUF_ERROR') throw unreadable(name, error);
  } finally {
    unzip.destroy();
  }
}

/** Resolves once `chunk` is used up, so that its memory can be used again. */
function write(unzip: ReturnType<typeof createGunzip>, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // Destroyed meanwhile, it may never call back.
    unzip.once('close', resolve);
    unzip.write(chunk, () => {
      unzip.off('close', resolve);
      resolve();
    });
  });
}
