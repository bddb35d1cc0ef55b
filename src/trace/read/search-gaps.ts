/** Looks for records that tell of lost ones, in the part of a large log in which a request lies. */
import { closeSync, fstatSync } from 'node:fs';
import type { LogPart } from './input.js';
import { Needle } from './needle.js';
import { type Range, SCAN_AREAS, scanFile } from './scan-file.js';
import { openLog } from './search-part.js';
import { GAP_KEY } from './sidecar/key.js';
import { LOOK_UP_AREAS, lookUpIn } from './sidecar/look-up.js';
import { SIDECAR_AREAS } from './sidecar/sidecar.js';
import { unreadable } from './unreadable.js';
import { Native } from './wasm/native.js';

/** So much is searched as soon as an index is asked. */
const LITTLE_BYTES = 4 << 20;
/** More is not searched only for that: an index tells. */
const MOST_BYTES = 128 << 20;
const GAP = new Needle(GAP_KEY);

export interface GapSearch {
  readonly cacheFolder: string | undefined;
  /** Called with each line that may tell of lost records; valid during the call. */
  readonly onLine: (line: Buffer) => void;
}

/**
 * Gives the bytes that were not searched, because there are too many and no index tells of them.
 * @throws CfBusError `FILE_UNREADABLE`
 */
export async function searchGaps(part: LogPart, within: Range, search: GapSearch): Promise<number> {
  const native = Native.create([...SIDECAR_AREAS, ...LOOK_UP_AREAS, ...SCAN_AREAS]);
  // Without WebAssembly all was read in blocks.
  if (native === undefined) return 0;
  const fd = openLog(part.name);
  try {
    const region = { start: within.start, end: Math.min(within.end, fstatSync(fd).size) };
    const ranges = rangesIn(native, fd, region, search.cacheFolder);
    if (ranges === undefined) return region.end - region.start;
    await scanFile(native, {
      ...{ fd, ranges, needle: GAP },
      onLine: search.onLine,
      onTooLong: () => {},
    });
    return 0;
  } catch (error) {
    throw unreadable(part.name, error);
  } finally {
    closeSync(fd);
  }
}

function rangesIn(
  native: Native,
  fd: number,
  region: Range,
  cacheFolder: string | undefined,
): readonly Range[] | undefined {
  const bytes = region.end - region.start;
  if (bytes <= LITTLE_BYTES) return [region];
  const indexed = cacheFolder === undefined ? undefined : lookUpIn(native, cacheFolder, fd, GAP_KEY)?.ranges;
  if (indexed === undefined) return bytes <= MOST_BYTES ? [region] : undefined;
  return indexed.flatMap(({ start, end }) => {
    const both = { start: Math.max(start, region.start), end: Math.min(end, region.end) };
    return both.start < both.end ? [both] : [];
  });
}
