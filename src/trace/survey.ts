/** What is in logs in which a trace was not found: for a hint that helps. */
import { suggest } from '../kernel/index.js';
import type { TraceHint } from './find-result.js';
import type { Block } from './read/blocks.js';
import { decodeLine } from './read/decode.js';
import { countLines, forEachHit } from './read/line-blocks.js';
import { Needle } from './read/needle.js';

const NEWEST = 10;
/** Ids of one generation; two are kept, to be compared with the one asked for. */
const MAX_IDS = 100_000;
const PUBLISHED = new Needle('event_published');

export class Survey {
  /** Lines, blank ones included. */
  lines = 0;
  #ids = new Set<string>();
  #olderIds: ReadonlySet<string> = new Set();
  /** Newest last. */
  readonly #newest: TraceHint[] = [];

  take(block: Block): void {
    this.lines += countLines(block.lines);
    if (!block.terminated && block.lines.length > 0) this.lines++;
    forEachHit(block.lines, findPublished, this.#takeLine);
  }

  readonly #takeLine = (line: Buffer): void => {
    const decoded = decodeLine(line);
    if (decoded.kind !== 'record' && decoded.kind !== 'salvaged') return;
    const { record } = decoded;
    if (record.event !== 'event_published') return;
    this.#remember(record.trace_id);
    const time = Date.parse(record.timestamp);
    if (record.causation_id !== undefined || Number.isNaN(time)) return;
    this.#offer({ traceId: record.trace_id, session: record.session, rootType: record.event_type, time });
  };

  #remember(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size < MAX_IDS) return;
    this.#olderIds = this.#ids;
    this.#ids = new Set();
  }

  #offer(hint: TraceHint): void {
    const hints = this.#newest;
    const oldest = hints[0];
    if (hints.length >= NEWEST && oldest !== undefined && hint.time < oldest.time) return;
    const known = hints.findIndex(({ traceId, session }) => traceId === hint.traceId && session === hint.session);
    if (known !== -1 && (hints[known]?.time ?? 0) > hint.time) return;
    if (known !== -1) hints.splice(known, 1);
    let at = hints.length;
    while (at > 0 && (hints[at - 1]?.time ?? 0) > hint.time) at--;
    hints.splice(at, 0, hint);
    if (hints.length > NEWEST) hints.shift();
  }

  /** Newest first. */
  newest(): TraceHint[] {
    return this.#newest.toReversed();
  }

  nearestTo(id: string): string | undefined {
    return suggest(id, [...this.#ids, ...this.#olderIds]);
  }
}

function findPublished(block: Buffer, from: number): number {
  return PUBLISHED.next(block, from);
}
