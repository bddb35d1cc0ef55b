/** Finds one request in logs of any size: only lines that hold the id's bytes are decoded. */
import { CfBusError } from '../kernel/index.js';
import { analyse } from './analysis.js';
import type { FindOptions, FindResult, FoundTimeline, FoundTrace } from './find-result.js';
import type { Block } from './read/blocks.js';
import { decodeLine } from './read/decode.js';
import { type LogInput, type LogPart, openInputs } from './read/input.js';
import { forEachHit } from './read/line-blocks.js';
import { Needle } from './read/needle.js';
import type { Range } from './read/scan-file.js';
import { searchGaps } from './read/search-gaps.js';
import { LARGE_BYTES, searchPart } from './read/search-part.js';
import { isPackedFile } from './read/unpack.js';
import { Search } from './search.js';
import { Survey } from './survey.js';

/** Bytes between the first and the last record of a request, and behind that, in which its handlers' are looked for. */
const MOST_AROUND = 64 << 20;
const BEHIND = 1 << 20;
/** Of a request that has not ended, so much behind its last record is looked through for lost records. */
const BEHIND_OPEN = 64 << 20;

/**
 * The trace of `traceId`: of our own records as a forest, the newest session's, and which others there are; of lines of
 * other programs as a timeline; or what may help to find it. Ids match whole, as strings. Reads all of `inputs` once, or
 * what an index leaves of them; of files the end a second time where nothing was found.
 * @throws CfBusError `FILE_UNREADABLE` naming the file; `USAGE` for an empty id, and for a request of more
 * records than fit into memory.
 */
export async function findTrace(
  inputs: readonly LogInput[],
  traceId: string,
  options: FindOptions = {},
): Promise<FindResult> {
  if (traceId === '') throw new CfBusError('USAGE', 'a trace id is not empty');
  const parts = openInputs(inputs);
  const search = new Search(traceId, options);
  const survey = new Survey();
  const { tally, needle, takeLine, takeGap, gapRanges } = search;
  const onGapRanges = (file: string, ranges: readonly Range[]) => gapRanges.set(file, ranges);
  for (const part of parts) {
    const { cacheFolder } = options;
    const onBlock = part.rereadable ? undefined : (block: Block) => survey.take(block);
    await searchPart(part, {
      id: traceId,
      needle,
      tally,
      cacheFolder,
      onLine: takeLine,
      onGap: takeGap,
      onGapRanges,
      onBlock,
    });
  }
  search.checkSize();
  for (const part of parts) await readAround(part, search);
  const found = await withGaps(parts, search);
  if (found !== undefined) return found;
  for (const part of parts) if (part.rereadable) await survey.takeEnd(part);
  return search.missing(survey);
}

/** What was found, and the records that were lost between its own. */
async function withGaps(parts: readonly LogPart[], search: Search): Promise<FoundTrace | FoundTimeline | undefined> {
  const found = search.result();
  if (found === undefined || found.kind !== 'trace') return found;
  const isOpen = found.traces.some((trace) => analyse(trace).outcome === 'unfinished');
  const spans = parts.map(({ name }) => search.spans.get(name));
  const first = spans.findIndex((span) => span !== undefined);
  const last = spans.findLastIndex((span) => span !== undefined);
  let unsearched = 0;
  for (const [index, part] of parts.entries()) {
    if (index < first || index > last || !part.rereadable || part.size < LARGE_BYTES || isPackedFile(part.name))
      continue;
    const span = spans[index];
    const start = index === first ? (span?.start ?? 0) : 0;
    const end = index === last ? (span?.end ?? 0) + (isOpen ? BEHIND_OPEN : 0) : part.size;
    unsearched += await searchGaps(
      part,
      { start, end },
      { ranges: search.gapRanges.get(part.name), onLine: search.takeGap },
    );
  }
  search.tally.gapsUnknown(unsearched);
  return unsearched > 0 || search.hasGaps ? search.result() : found;
}

/** The guide's handlers log no id: which records are of the request is concluded from all that stand among its own. */
async function readAround(part: LogPart, { guide }: Search): Promise<void> {
  const region = guide.regions.get(part.name);
  if (region === undefined || !part.rereadable || region.end - region.start > MOST_AROUND) return;
  let at = region.start;
  for await (const { lines } of part.blocks(region.start)) {
    forEachHit(lines, findEvent, (bytes) => {
      const decoded = decodeLine(bytes);
      if (decoded.kind === 'foreign') for (const { value } of decoded.lines) guide.takeAround(value);
    });
    at += lines.length;
    if (at > region.end + BEHIND) return;
  }
}

const EVENT = new Needle('event_type');

function findEvent(block: Buffer, from: number): number {
  return EVENT.next(block, from);
}
