/** Looks for records that tell of lost ones, in the part of a large log in which a request lies. */
import { closeSync, fstatSync } from 'node:fs';
import type { LogPart } from './input.js';
import { Needle } from './needle.js';
import { type Range, SCAN_AREAS, scanFile } from './scan-file.js';
import { openLog } from './search-part.js';
import { GAP_WORD } from './sidecar/key.js';
import { unreadable } from './unreadable.js';
import { Native } from './wasm/native.js';

/** More is not searched only for that: an index tells. */
const MOST_BYTES = 128 << 20;
const GAP = new Needle(GAP_WORD);

export interface GapSearch {
  /** Where they may begin, says an index; `undefined` where there is none. */
  readonly ranges: readonly Range[] | undefined;
  /** Called with each line that may tell of lost records; valid during the call. */
  readonly onLine: (line: Buffer) => void;
}

/**
 * Gives the bytes that were not searched, because there are too many and no index tells of them.
 * @throws CfBusError `FILE_UNREADABLE`
 */
export async function searchGaps(part: LogPart, within: Range, { ranges, onLine }: GapSearch): Promise<number> {
  const wanted = ranges === undefined ? [within] : inBoth(ranges, within);
  const bytes = wanted.reduce((sum, { start, end }) => sum + end - start, 0);
  if (bytes > MOST_BYTES) return bytes;
  // Without WebAssembly all was read in blocks.
  const native = bytes === 0 ? undefined : Native.create(SCAN_AREAS);
  if (native === undefined) return 0;
  const fd = openLog(part.name);
  try {
    const { size } = fstatSync(fd);
    const present = inBoth(wanted, { start: 0, end: size });
    await scanFile(native, { fd, ranges: present, needle: GAP, onLine, onTooLong: () => {} });
    return 0;
  } catch (error) {
    throw unreadable(part.name, error);
  } finally {
    closeSync(fd);
  }
}

function inBoth(ranges: readonly Range[], within: Range): Range[] {
  return ranges.flatMap(({ start, end }) => {
    const both = { start: Math.max(start, within.start), end: Math.min(end, within.end) };
    return both.start < both.end ? [both] : [];
  });
}
