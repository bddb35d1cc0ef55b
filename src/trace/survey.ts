/** What is in logs in which a trace was not found: for a hint that helps. */
import { suggest } from '../kernel/index.js';
import { idFields, plainId } from './dialect/ids.js';
import { readLine } from './dialect/read.js';
import type { TraceHint } from './find-result.js';
import type { Block } from './read/blocks.js';
import { decodeLine } from './read/decode.js';
import type { LogPart } from './read/input.js';
import { countLines, forEachHit, forEachLine } from './read/line-blocks.js';
import { Needle } from './read/needle.js';

/** So much of the end of each file is read: enough for the newest requests, and soon done. */
const MAX_BYTES = 64 << 20;
/** Of that, lines of other programs are looked at in the last bytes alone. */
const END_BYTES = 1 << 18;
const NEWEST = 10;
/** Ids of one generation; two are kept, to be compared with the one asked for. */
const MAX_IDS = 100_000;
const PUBLISHED = new Needle('event_published');

export class Survey {
  #lines = 0;
  #whole = true;
  /** The end of what was read, for logs of other programs. */
  #end = Buffer.alloc(0);
  #ids = new Set<string>();
  #olderIds: ReadonlySet<string> = new Set();
  /** Newest last. */
  readonly #newest: TraceHint[] = [];

  /** Lines, blank ones included; `undefined` where not all were read. */
  get lines(): number | undefined {
    return this.#whole ? this.#lines : undefined;
  }

  /** Reads the end of a file. */
  async takeEnd(part: LogPart): Promise<void> {
    const start = Math.max(0, part.size - MAX_BYTES);
    if (start > 0) this.#whole = false;
    for await (const block of part.blocks(start)) this.take(block);
  }

  take(block: Block): void {
    this.#lines += countLines(block.lines);
    if (!block.terminated && block.lines.length > 0) this.#lines++;
    forEachHit(block.lines, findPublished, this.#takeLine);
    if (this.#newest.length === 0 && block.lines.length > 0) this.#end = Buffer.from(block.lines.subarray(-END_BYTES));
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
    if (this.#newest.length === 0) forEachLine(this.#end, this.#takeForeign);
    return this.#newest.toReversed();
  }

  readonly #takeForeign = (bytes: Buffer): void => {
    const decoded = decodeLine(bytes);
    if (decoded.kind !== 'foreign') return;
    for (const { value } of decoded.lines) {
      const [field] = idFields(value, undefined);
      if (field === undefined) continue;
      const { time, message } = readLine(value);
      this.#remember(plainId(field.id));
      this.#offer({ traceId: plainId(field.id), session: '', rootType: message ?? '', time: time ?? 0 });
    }
  };

  nearestTo(id: string): string | undefined {
    return suggest(id, [...this.#ids, ...this.#olderIds]);
  }
}

function findPublished(block: Buffer, from: number): number {
  return PUBLISHED.next(block, from);
}
