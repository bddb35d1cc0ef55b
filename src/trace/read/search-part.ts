/** Finds the lines of a log that may hold an id, in the way that is fastest for where it is. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { Block } from './blocks.js';
import type { LogPart } from './input.js';
import { countLines, forEachHit } from './line-blocks.js';
import type { Needle } from './needle.js';
import { type Range, SCAN_AREAS, scanFile } from './scan-file.js';
import { GAP_WORD } from './sidecar/key.js';
import { LOOK_UP_AREAS, lookUpIn } from './sidecar/look-up.js';
import { SIDECAR_AREAS } from './sidecar/sidecar.js';
import type { Tally } from './tally.js';
import { isPackedFile } from './unpack.js';
import { unreadable } from './unreadable.js';
import { Native } from './wasm/native.js';

/** Smaller files are read faster than WebAssembly is made ready. */
export const LARGE_BYTES = 4 << 20;

export interface PartSearch {
  readonly id: string;
  readonly needle: Needle;
  readonly tally: Tally;
  /** Where indexes are; `undefined` to do without. */
  readonly cacheFolder: string | undefined;
  /** Called with each line that may hold the id, without its line break; valid during the call. */
  readonly onLine: (line: Buffer, place: LinePlace) => void;
  /**
   * Called with each line that may tell of lost records, of what is read in blocks; of large files, `searchGaps` gives
   * them. Valid during the call.
   */
  readonly onGap: (line: Buffer) => void;
  /** Called with where such lines may begin, says an index of a large file. */
  readonly onGapRanges: (file: string, ranges: readonly Range[]) => void;
  /** Called with all blocks of what is read in blocks. */
  readonly onBlock: ((block: Block) => void) | undefined;
}

export interface LinePlace {
  readonly file: string;
  /** Bytes before it, unpacked. */
  readonly offset: number;
  /** 1 for the first; `undefined` where lines were not counted. */
  readonly line: number | undefined;
}

/** @throws CfBusError `FILE_UNREADABLE` */
export async function searchPart(part: LogPart, search: PartSearch): Promise<void> {
  search.tally.begin(part);
  if (part.size < LARGE_BYTES || !(await searchLarge(part, search))) await searchBlocks(part, search);
}

const GAP = Buffer.from(GAP_WORD);

function nextGap(block: Buffer, from: number): number {
  return block.indexOf(GAP, from);
}

async function searchBlocks(part: LogPart, { needle, tally, onLine, onGap, onBlock }: PartSearch): Promise<void> {
  const next = (block: Buffer, from: number) => needle.next(block, from);
  let before = 0;
  let lines = 0;
  for await (const block of part.blocks()) {
    tally.took(block);
    let counted = 0;
    const linesBefore = (offset: number) => {
      lines += countLines(block.lines.subarray(counted, offset));
      counted = offset;
      return lines;
    };
    forEachHit(block.lines, next, (line, offset) => {
      onLine(line, { file: part.name, offset: before + offset, line: linesBefore(offset) + 1 });
    });
    forEachHit(block.lines, nextGap, onGap);
    linesBefore(block.lines.length);
    lines += block.tooLong;
    before += block.lines.length;
    onBlock?.(block);
  }
}

/** False where the file is packed, or WebAssembly is switched off. */
async function searchLarge(part: LogPart, search: PartSearch): Promise<boolean> {
  const native = Native.create([...SIDECAR_AREAS, ...LOOK_UP_AREAS, ...SCAN_AREAS]);
  if (native === undefined || isPackedFile(part.name)) return false;
  const fd = openLog(part.name);
  let helper = Promise.resolve();
  const onHelper = (ended: Promise<void>) => {
    helper = ended;
  };
  try {
    await scan(native, fd, part.name, search, onHelper);
    return true;
  } catch (error) {
    throw unreadable(part.name, error);
  } finally {
    void helper.then(() => closeSync(fd));
  }
}

async function scan(
  native: Native,
  fd: number,
  file: string,
  search: PartSearch,
  onHelper: (ended: Promise<void>) => void,
): Promise<void> {
  const { tally, needle, onLine } = search;
  const { size } = fstatSync(fd);
  const ranges = indexedRanges(native, fd, file, search) ?? [{ start: 0, end: size }];
  tally.skipped(size - ranges.reduce((sum, { start, end }) => sum + end - start, 0));
  await scanFile(native, {
    ...{ fd, ranges, needle },
    onLine: (line, offset) => onLine(line, { file, offset, line: undefined }),
    onTooLong: () => tally.tooLong(),
    onProgress: (bytes) => tally.read(bytes),
    onHelper,
  });
}

function indexedRanges(
  native: Native,
  fd: number,
  file: string,
  { id, cacheFolder, tally, onGapRanges }: PartSearch,
): readonly Range[] | undefined {
  if (cacheFolder === undefined) return undefined;
  const found = lookUpIn(native, cacheFolder, fd, id);
  tally.unindexed(fstatSync(fd).size - (found?.indexed ?? 0));
  if (found?.gaps !== undefined) onGapRanges(file, found.gaps);
  return found?.ranges;
}

/** @throws CfBusError `FILE_UNREADABLE` */
export function openLog(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw unreadable(path, error);
  }
}
