/**
 * Lines of the log → data. Few are read as records. Of a flood every line is counted, from its bytes, which costs a tenth
 * of reading it; what goes wrong is read as far as there is room, and some requests are read whole instead of all in
 * pieces.
 */
import { type LineScanner, type LogRecord, parseLine, RECORD_LEVELS } from '../../record/index.js';
import type { Data } from './data.js';
import { DataDraft } from './data-draft.js';
import { ingest } from './ingest.js';
import { isTraceRecord } from './trace-draft.js';

export interface Lines {
  /** Whole lines, each with its line break. */
  readonly bytes: Uint8Array;
  /** How many of them may be read, about; all are counted. */
  readonly readable: number;
  /** Remembers names from one batch to the next; makes no difference else. */
  readonly scanner: LineScanner;
}

/** A guess at the length of a line, to know without counting whether all may be read. */
const LINE_BYTES = 256;
/** New traces followed in one batch where all lines are read. */
const NEW_TRACES = 600;

/** `data` and the records of `lines`; `dropped` more were lost before them. */
export function ingestLines(data: Data, lines: Lines, dropped: number): Data {
  const { bytes, readable } = lines;
  if (bytes.length > readable * LINE_BYTES) return new Flood(data, lines).finish(dropped);
  return ingest(data, recordsOf(textOf(bytes, 0, bytes.length)), dropped, { newTraces: NEW_TRACES });
}

class Flood {
  readonly #bytes: Uint8Array;
  readonly #draft: DataDraft;
  /** Of each line so far: where it begins, its number, and the hash of its trace; 0 where nobody looked. */
  readonly #starts: number[] = [];
  readonly #numbers: number[] = [];
  readonly #hashes: number[] = [];
  /** Lines that may still be read: of what went wrong, of what may have, and of traces that are followed. */
  #errors: number;
  #warnings: number;
  #others: number;

  constructor(data: Data, { bytes, readable, scanner }: Lines) {
    this.#bytes = bytes;
    this.#errors = Math.max(20, readable * 0.3);
    this.#warnings = Math.max(10, readable * 0.1);
    this.#others = Math.max(20, readable);
    const linesOfTrace = Math.max(1, data.total / Math.max(1, data.traces.began));
    const newTraces = Math.max(1, Math.floor((readable * 0.6) / linesOfTrace));
    this.#draft = new DataDraft(data, scanner.session, newTraces);
    for (let from = 0; from < bytes.length; from = scanner.next()) this.#take(scanner, from, scanner.scan(bytes, from));
  }

  finish(dropped: number): Data {
    return this.#draft.finish(dropped);
  }

  /** @param scanned false for a line that the scanner knows nothing of: it has to be read. */
  #take(line: LineScanner, from: number, scanned: boolean): void {
    const { traces } = this.#draft;
    this.#starts.push(from);
    this.#numbers.push(this.#draft.total + 1);
    this.#hashes.push(scanned ? line.traceHash : 0);
    const followed = scanned && traces.follows(line.traceHash);
    if (!scanned || this.#wants(line, followed)) return this.#read(line, scanned && !followed);
    this.#draft.addCounted(line);
    if (followed) traces.addCounted(line, line.time);
    else if (line.event === 'event_published' && line.root) traces.skip();
  }

  #wants(line: LineScanner, followed: boolean): boolean {
    const level = RECORD_LEVELS[line.event];
    if (level === 'error' && this.#errors > 0) return this.#errors-- > 0;
    if (level === 'warn' && this.#warnings > 0) return this.#warnings-- > 0;
    const begins = line.event === 'event_published' && line.root;
    if (!followed && !(begins && this.#draft.traces.admits)) return false;
    return this.#others-- > 0;
  }

  #read(line: LineScanner, unfollowed: boolean): void {
    const parsed = parseLine(line.line());
    if (parsed.kind !== 'record') return;
    const { record } = parsed;
    if (unfollowed && record.level === 'error' && isTraceRecord(record)) this.#recall(record.trace_id, line.traceHash);
    this.#draft.add(record);
  }

  /** A trace that nobody followed has failed: what came of it in this batch is read after all, if its beginning did. */
  #recall(id: string, hash: number): void {
    const { traces } = this.#draft;
    const last = this.#starts.length - 1;
    const found: number[] = [];
    for (let index = 0; index < last; index++) if (this.#hashes[index] === hash) found.push(index);
    if (found.length > this.#errors) return;
    this.#errors -= found.length;
    const records = found.flatMap((index) => {
      const record = this.#recordAt(index);
      return record?.trace_id === id ? [{ record, n: this.#numbers[index] ?? 0 }] : [];
    });
    const first = records[0]?.record;
    if (first?.event !== 'event_published' || first.causation_id !== undefined) return;
    traces.unskip();
    for (const { record, n } of records) {
      if (isTraceRecord(record)) traces.add(record, { n, time: Date.parse(record.timestamp), record });
    }
  }

  #recordAt(index: number): LogRecord | undefined {
    const parsed = parseLine(textOf(this.#bytes, this.#starts[index] ?? 0, (this.#starts[index + 1] ?? 1) - 1));
    return parsed.kind === 'record' ? parsed.record : undefined;
  }
}

function textOf({ buffer, byteOffset }: Uint8Array, from: number, to: number): string {
  return Buffer.from(buffer, byteOffset + from, to - from).toString('utf8');
}

/** What is no record of ours (of a later version) is passed over. */
function recordsOf(text: string): readonly LogRecord[] {
  const records: LogRecord[] = [];
  for (const line of text.split('\n')) {
    if (line === '') continue;
    const parsed = parseLine(line);
    if (parsed.kind === 'record') records.push(parsed.record);
  }
  return records;
}
