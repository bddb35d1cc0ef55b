/** gzip and zstd, known by their first bytes, whatever a file is called. */
import { closeSync, openSync, readSync } from 'node:fs';
import { Transform } from 'node:stream';
import zlib from 'node:zlib';
import { systemErrorCode } from '../../kernel/index.js';
import { unreadable } from './unreadable.js';

export type Packing = 'gzip' | 'zstd';

/** So many bytes tell. */
export const MAGIC_BYTES = 4;
const GZIP = Buffer.from([0x1f, 0x8b]);
const ZSTD = Buffer.from([0x28, 0xb5, 0x2f, 0xfd]);

/** How what begins with these bytes is packed, if it is. */
export function packingOf(start: Buffer): Packing | undefined {
  if (start.subarray(0, GZIP.length).equals(GZIP)) return 'gzip';
  return start.subarray(0, ZSTD.length).equals(ZSTD) ? 'zstd' : undefined;
}

/** True for a file that must be unpacked to be read. */
export function isPackedFile(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    const start = Buffer.alloc(MAGIC_BYTES);
    return packingOf(start.subarray(0, readSync(fd, start, 0, start.length, 0))) !== undefined;
  } catch (error) {
    throw unreadable(path, error);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * What is packed in `chunks`, as far as it can be unpacked: where it was cut short, up to there, and `onCut` is called.
 * @throws CfBusError `FILE_UNREADABLE` where it is damaged, or Node.js cannot unpack it
 */
export async function* unpack(
  packing: Packing,
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  onCut: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const unzip = packing === 'gzip' ? zlib.createGunzip() : zstdUnpacker(name);
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
    if (systemErrorCode(error) === 'Z_BUF_ERROR') return onCut();
    throw unreadable(name, error, packing === 'zstd' ? 'it is damaged zstd' : undefined);
  } finally {
    unzip.destroy();
  }
}

/** Node.js has it from 22.15 and 23.8 on. */
export function canUnpackZstd(): boolean {
  return typeof Reflect.get(zlib, 'createZstdDecompress') === 'function';
}

function zstdUnpacker(name: string): Transform {
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  const stream: unknown = typeof create === 'function' ? Reflect.apply(create, zlib, []) : undefined;
  if (stream instanceof Transform) return stream;
  throw unreadable(name, undefined, 'it is packed with zstd, which this Node.js cannot unpack; zstd -dc can');
}

/** Resolves once `chunk` is used up, so that its memory can be used again. */
function write(unzip: Transform, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    // Destroyed meanwhile, it may never call back.
    unzip.once('close', resolve);
    unzip.write(chunk, () => {
      unzip.off('close', resolve);
      resolve();
    });
  });
}
