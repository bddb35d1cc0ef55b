/** Sorts what a search comes upon: records of ours by session, lines of other programs into a timeline, the rest by field. */
import { CfBusError } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';
import { buildTrace } from './build.js';
import { parseTime } from './dialect/time.js';
import { fieldsHolding } from './fields.js';
import type { Elsewhere, FindOptions, FoundTimeline, FoundTrace, MissingTrace } from './find-result.js';
import type { Trace } from './forest.js';
import { decodeLine, type ForeignLine } from './read/decode.js';
import { Needle } from './read/needle.js';
import type { Range } from './read/scan-file.js';
import type { LinePlace } from './read/search-part.js';
import { Tally } from './read/tally.js';
import { GuideRecords } from './rebuild.js';
import type { Survey } from './survey.js';
import { TimelineBuilder } from './timeline-builder.js';
import { type GapRecord, isTraceRecord, type TraceRecord } from './trace-records.js';

/** Fields that are named as holding the id. */
const MAX_ELSEWHERE = 10;
/** Of one session; a full disk is not told of more often. */
const MAX_GAPS = 100_000;

/** What of one request is put together: more would not fit into the memory of a process that nobody gave more of it. */
export interface SearchLimits {
  readonly records: number;
  /** Of their lines. */
  readonly bytes: number;
}

const LIMITS: SearchLimits = { records: 500_000, bytes: 1 << 30 };
/** The field of our own records. */
const OUR_FIELD = 'trace_id';

export class Search {
  readonly tally: Tally;
  readonly needle: Needle;
  readonly #traceId: string;
  readonly #options: FindOptions;
  readonly #sessions = new Map<string, TraceRecord[]>();
  readonly #timeline: TimelineBuilder;
  readonly guide: GuideRecords;
  #outside: MissingTrace['outside'];
  /** By session. */
  readonly #gaps = new Map<string, GapRecord[]>();
  /** By file, where records of lost records may be, says an index. */
  readonly gapRanges = new Map<string, readonly Range[]>();
  /** By file, where the records of the request lie in it. */
  readonly spans = new Map<string, Range>();
  readonly #elsewhere = new Map<string, { lines: number; readonly traceId: string | undefined }>();
  readonly #limits: SearchLimits;
  #records = 0;
  #bytes = 0;

  constructor(traceId: string, options: FindOptions, limits = LIMITS) {
    this.#limits = limits;
    this.#traceId = traceId;
    this.#options = options;
    this.needle = new Needle(traceId);
    this.tally = new Tally(options.onProgress);
    this.#timeline = new TimelineBuilder(traceId, options.field);
    this.guide = new GuideRecords(traceId);
  }

  readonly takeLine = (bytes: Buffer, place: LinePlace): void => {
    const decoded = this.tally.decode(bytes);
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') this.#takeRecord(decoded.record, place, bytes.length);
    else if (decoded.kind === 'foreign') for (const line of decoded.lines) this.#takeForeign(line, place, bytes.length);
  };

  /** @throws CfBusError `USAGE` where the request has more records than can be put together. */
  checkSize(): void {
    if (this.#fits) return;
    const size = `${this.#records.toLocaleString('en')} records (${Math.round(this.#bytes / 1e6)} MB)`;
    throw new CfBusError('USAGE', `${this.#traceId} has ${size}: too many to put together`, {
      hint: 'take less of the log: --since, --until',
    });
  }

  get hasGaps(): boolean {
    return this.#gaps.size > 0;
  }

  /** A line that may tell of lost records. */
  readonly takeGap = (bytes: Buffer): void => {
    const decoded = decodeLine(bytes);
    if (decoded.kind !== 'record' && decoded.kind !== 'salvaged') return;
    const { record } = decoded;
    if (record.event !== 'log_gap') return;
    const gaps = this.#gaps.get(record.session);
    if (gaps === undefined) this.#gaps.set(record.session, [record]);
    else if (gaps.length < MAX_GAPS) gaps.push(record);
  };

  get #fits(): boolean {
    return this.#records <= this.#limits.records && this.#bytes <= this.#limits.bytes;
  }

  #takeRecord(record: LogRecord, place: LinePlace, bytes: number): void {
    const { field } = this.#options;
    if (field !== undefined && field !== OUR_FIELD) {
      return this.#takeForeign({ value: record, prefix: undefined, outer: undefined }, place, bytes);
    }
    if (!isTraceRecord(record)) return this.#note(record, undefined);
    if (record.trace_id !== this.#traceId) return this.#note(record, record.trace_id);
    if (!this.#wanted(parseTime(record.timestamp))) return this.#leaveOut(parseTime(record.timestamp));
    const span = this.spans.get(place.file);
    this.spans.set(place.file, { start: span?.start ?? place.offset, end: place.offset });
    this.#bytes += bytes;
    this.#records++;
    if (!this.#fits) return;
    const records = this.#sessions.get(record.session);
    if (records === undefined) this.#sessions.set(record.session, [record]);
    else records.push(record);
  }

  #takeForeign(line: ForeignLine, place: LinePlace, bytes: number): void {
    const entry = this.#timeline.read(line, place);
    if (entry === undefined) return this.#note(line.value, undefined);
    this.tally.used();
    if (!this.#wanted(entry.time)) return this.#leaveOut(entry.time);
    if (this.#options.field === undefined && this.guide.take(line.value, place)) return;
    this.#timeline.add(entry, bytes);
  }

  /** Whether a line is within the times that were asked for. One without a time counts as within. */
  #wanted(time: number | undefined): boolean {
    const { since, until } = this.#options;
    return time === undefined || ((since === undefined || time >= since) && (until === undefined || time <= until));
  }

  #leaveOut(time = Number.NaN): void {
    const { lines = 0, first = time, last = time } = this.#outside ?? {};
    this.#outside = { lines: lines + 1, first: Math.min(first, time), last: Math.max(last, time) };
  }

  #note(value: Readonly<Record<string, unknown>>, traceId: string | undefined): void {
    for (const field of fieldsHolding(value, this.#traceId)) {
      const known = this.#elsewhere.get(field);
      if (known !== undefined) known.lines++;
      else this.#elsewhere.set(field, { lines: 1, traceId });
    }
  }

  /** What was found, or `undefined`. */
  result(): FoundTrace | FoundTimeline | undefined {
    const { session, all } = this.#options;
    const timeline = this.#timeline.isEmpty ? undefined : this.#timeline.result();
    const names = this.#newestFirst();
    const guide = this.guide.build();
    const [first, ...older] = names.map((name) => () => this.#build(name));
    const read = this.tally.report();
    if (first === undefined) {
      if (session !== undefined) return undefined;
      const found = { found: true, read } as const;
      if (guide !== undefined) return { ...found, kind: 'trace', traces: [guide], otherSessions: [], timeline };
      return timeline === undefined ? undefined : { ...found, kind: 'timeline', timeline };
    }
    const found = { found: true, kind: 'trace', timeline, read } as const;
    if (session !== undefined) {
      if (!this.#sessions.has(session)) return undefined;
      return { ...found, traces: [this.#build(session)], otherSessions: names.filter((name) => name !== session) };
    }
    return all === true
      ? { ...found, traces: [first(), ...older.map((build) => build())], otherSessions: [] }
      : { ...found, traces: [first()], otherSessions: names.slice(1) };
  }

  #build(session: string): Trace {
    const records = [...(this.#sessions.get(session) ?? []), ...(this.#gaps.get(session) ?? [])];
    return buildTrace(records, { traceId: this.#traceId, session });
  }

  missing(survey: Survey): MissingTrace {
    const elsewhere: Elsewhere[] = Array.from(this.#elsewhere, ([field, { lines, traceId }]) => ({
      field,
      lines,
      traceId,
    }));
    return {
      found: false,
      traceId: this.#traceId,
      outside: this.#outside,
      otherSessions: this.#newestFirst(),
      elsewhere: elsewhere.sort((a, b) => b.lines - a.lines).slice(0, MAX_ELSEWHERE),
      newest: survey.newest(),
      suggestion: survey.nearestTo(this.#traceId),
      lines: survey.lines,
      read: this.tally.report(),
    };
  }

  /** By the time of their first record; of equal ones (virtual time) the one that was read later is the newer. */
  #newestFirst(): string[] {
    const sessions = Array.from(this.#sessions, ([name, records], position) => ({
      name,
      position,
      time: records[0]?.timestamp ?? '',
    }));
    sessions.sort((a, b) => compareText(b.time, a.time) || b.position - a.position);
    return sessions.map(({ name }) => name);
  }
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
