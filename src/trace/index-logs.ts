/** Makes the next search of large logs fast. */
import { closeSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type LogInput, openInputs } from './read/input.js';
import { LARGE_BYTES } from './read/search-part.js';
import { buildSidecar } from './read/sidecar/build.js';
import { indexFolder, sidecarPath } from './read/sidecar/sidecar.js';
import { isPackedFile } from './read/unpack.js';

export interface IndexOptions {
  /** Folder for indexes; made when it is missing. A log takes about 1.5 % of its size there. */
  readonly cacheFolder: string;
  /** The present time, in milliseconds since 1970: indexes that were not added to for a month are removed. */
  readonly now: number;
  /** Ends the work early; what is done by then is kept. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the bytes that are done so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

const MONTH_MS = 30 * 24 * 3600 * 1000;

/**
 * Indexes what is new in the large files of `inputs`, for `findTrace` with the same `cacheFolder`. An index tells of each
 * 256 KiB of a log which ids are not in it. It is kept up as the log grows, and made anew after the log was truncated,
 * rewritten or replaced. Packed files and streams have none.
 * @throws CfBusError `FILE_UNREADABLE` naming a log; the system's error where the folder cannot be written.
 */
export async function indexLogs(inputs: readonly LogInput[], options: IndexOptions): Promise<void> {
  const { cacheFolder, now, signal } = options;
  let done = 0;
  const onProgress = (bytes: number) => {
    done += bytes;
    options.onProgress?.(done);
  };
  for (const part of openInputs(inputs)) {
    if (part.size < LARGE_BYTES || signal?.aborted === true || isPackedFile(part.name)) continue;
    const fd = openSync(part.name, 'r');
    try {
      const path = sidecarPath(cacheFolder, fd);
      await buildSidecar(path, fd, { signal, onProgress });
    } finally {
      closeSync(fd);
    }
  }
  sweep(indexFolder(cacheFolder), now);
}

function sweep(folder: string, now: number): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    const status = statSync(path, { throwIfNoEntry: false });
    if (status !== undefined && now - status.mtimeMs > MONTH_MS) rmSync(path, { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
