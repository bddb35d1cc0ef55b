/** A file or a stream as blocks of whole lines, unpacked where it is packed. */
import { LineBlocks } from './line-blocks.js';
import { SourceFile } from './source-file.js';
import { isPackedFile, MAGIC_BYTES, type Packing, packingOf, unpack } from './unpack.js';

export interface Block {
  /** Whole lines with their line breaks; in the last block possibly one without. */
  readonly lines: Buffer;
  /** False where the end of `lines` is the end of the input and not of a line. */
  readonly terminated: boolean;
  /** Lines over the limit that were passed over before or in this block. */
  readonly tooLong: number;
  /** In the last block of what is packed, where the end of it is missing. */
  readonly cutShort?: true;
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
    const packing = packingOf(first);
    if (packing !== undefined) yield* unpacked(packing, chunksOf(file, first), path);
    else yield* plainBlocks(file, lines, begun);
  } finally {
    await file.close();
  }
}

/** @throws CfBusError `FILE_UNREADABLE` for damaged gzip or zstd */
export async function* streamBlocks(
  stream: AsyncIterable<Uint8Array | string>,
  name: string,
): AsyncGenerator<Block, void, undefined> {
  const iterator = stream[Symbol.asyncIterator]();
  try {
    let head = Buffer.alloc(0);
    let ended = false;
    while (head.length < MAGIC_BYTES && !ended) {
      const next = await iterator.next();
      if (next.done === true) ended = true;
      else head = Buffer.concat([head, toBytes(next.value)]);
    }
    const chunks = prepended(head, iterator);
    const packing = packingOf(head);
    yield* packing === undefined ? cut(chunks) : unpacked(packing, chunks, name);
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

async function* unpacked(
  packing: Packing,
  chunks: AsyncIterable<Uint8Array>,
  name: string,
): AsyncGenerator<Block, void, undefined> {
  let isCut = false;
  const whole = unpack(packing, chunks, name, () => {
    isCut = true;
  });
  for await (const block of cut(whole)) yield isCut && !block.terminated ? { ...block, cutShort: true } : block;
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
