/** Traces while a batch is folded: the newest, and of the older ones those that failed or took longest. */
import { hashText, type LineScanner, type LogRecord } from '../../record/index.js';
import { LIMITS, type Seen, type TraceIndex, type TraceStats } from './data.js';

type Draft<T> = { -readonly [K in keyof T]: T[K] };
export type TraceRecord = Extract<LogRecord, { readonly trace_id: string }>;
/** A trace of this batch: its records may still be pushed to. */
type Open = Draft<Omit<TraceStats, 'records'>> & { records: Seen[] };
type Place = 'recent' | 'failed' | 'slow';
type Maps = { readonly [K in Place]: Map<string, TraceStats> };

export function isTraceRecord(record: LogRecord): record is TraceRecord {
  return typeof record.trace_id === 'string';
}

export class TracesDraft {
  readonly #before: TraceIndex;
  readonly #firstSession: string;
  readonly #open = new Map<string, Open>();
  #maps:
    | { recent: Map<string, TraceStats>; failed: Map<string, TraceStats>; slow: Map<string, TraceStats> }
    | undefined;
  /** Hashes of the ids of all that are followed, once somebody asked. */
  #hashes: Set<number> | undefined;
  #held: number;
  #began: number;
  #skipped: number;
  #admissions: number;

  /** @param admissions new traces that may be followed in this batch; others are counted and left out. */
  constructor(before: TraceIndex, firstSession: string, admissions: number) {
    this.#before = before;
    this.#firstSession = firstSession;
    this.#held = before.held;
    this.#began = before.began;
    this.#skipped = before.skipped;
    this.#admissions = admissions;
  }

  add(record: TraceRecord, seen: Seen): void {
    const { time } = seen;
    const key = record.session === this.#firstSession ? record.trace_id : `${record.trace_id}\u0000${record.session}`;
    const trace = this.#open.get(key) ?? this.#reopen(key) ?? this.#admit(key, record, time);
    if (trace === undefined) return;
    if (time > trace.last) trace.last = time;
    trace.recordCount++;
    if (trace.records.length < LIMITS.recordsPerTrace) {
      trace.records.push(seen);
      this.#held++;
    }
    count(trace, record);
  }

  /** True where a new trace may be followed. */
  get admits(): boolean {
    return this.#admissions > 0;
  }

  /** Whether a line may be of a trace that is followed: its id has this hash. */
  follows(hash: number): boolean {
    if (this.#hashes === undefined) {
      const { recent, failed, slow } = this.#before;
      this.#hashes = new Set();
      for (const trace of recent.values()) this.#hashes.add(trace.hash);
      for (const trace of failed.values()) this.#hashes.add(trace.hash);
      for (const trace of slow.values()) this.#hashes.add(trace.hash);
      for (const trace of this.#open.values()) this.#hashes.add(trace.hash);
    }
    return this.#hashes.has(hash);
  }

  /** A trace began that is not followed. */
  skip(): void {
    this.#began++;
    this.#skipped++;
  }

  /** A trace that was skipped in this batch is followed after all: its records so far come next. */
  unskip(): void {
    this.#began--;
    this.#skipped--;
    this.#admissions++;
  }

  /** Counts a record of a trace that is followed without keeping it. */
  addCounted(line: LineScanner, time: number): void {
    const id = line.trace_id;
    const trace = this.#open.get(id) ?? this.#reopen(id);
    if (trace === undefined) return;
    if (time > trace.last) trace.last = time;
    trace.recordCount++;
    count(trace, line);
  }

  finish(): TraceIndex {
    const maps = this.#maps;
    if (maps === undefined) {
      return this.#began === this.#before.began
        ? this.#before
        : { ...this.#before, began: this.#began, skipped: this.#skipped };
    }
    for (const [key, trace] of this.#open) {
      const place: Place = maps.recent.has(key)
        ? 'recent'
        : maps.failed.has(key)
          ? 'failed'
          : maps.slow.has(key)
            ? 'slow'
            : 'recent';
      maps[place].set(key, trace);
    }
    this.#evict(maps);
    return { ...maps, held: this.#held, began: this.#began, skipped: this.#skipped };
  }

  #reopen(key: string): Open | undefined {
    const { recent, failed, slow } = this.#before;
    const before = recent.get(key) ?? failed.get(key) ?? slow.get(key);
    if (before === undefined) return undefined;
    return this.#keep({ ...before, records: [...before.records] });
  }

  #admit(key: string, record: TraceRecord, time: number): Open | undefined {
    const root = record.event === 'event_published' && record.causation_id === undefined;
    // Once traces are being left out, a record of an unknown trace belongs to one of those; its errors still count.
    const wanted = root ? this.#admissions > 0 : this.#skipped === 0 || record.level === 'error';
    if (!wanted) {
      if (root) this.skip();
      return undefined;
    }
    if (root) this.#began++;
    this.#admissions--;
    return this.#keep({
      key,
      id: record.trace_id,
      hash: hashText(record.trace_id),
      session: record.session,
      root: record.event_type,
      start: time,
      last: time,
      events: 0,
      open: 0,
      errors: 0,
      lost: 0,
      failed: 0,
      records: [],
      recordCount: 0,
      partial: !root,
    });
  }

  #keep(trace: Open): Open {
    const { recent, failed, slow } = this.#before;
    this.#maps ??= { recent: new Map(recent), failed: new Map(failed), slow: new Map(slow) };
    this.#open.set(trace.key, trace);
    this.#hashes?.add(trace.hash);
    return trace;
  }

  #evict(maps: Maps): void {
    for (const [key, trace] of maps.recent) {
      if (maps.recent.size <= LIMITS.traces && this.#held <= LIMITS.recordsInTraces) break;
      maps.recent.delete(key);
      if (trace.errors > 0 || trace.lost > 0) maps.failed.set(key, trace);
      else if (!this.#keepSlow(maps.slow, trace)) this.#held -= trace.records.length;
    }
    for (const [key, trace] of maps.failed) {
      if (maps.failed.size <= LIMITS.failedTraces && this.#held <= LIMITS.recordsInTraces) break;
      maps.failed.delete(key);
      this.#held -= trace.records.length;
    }
  }

  #keepSlow(slow: Map<string, TraceStats>, trace: TraceStats): boolean {
    if (slow.size < LIMITS.slowTraces) {
      slow.set(trace.key, trace);
      return true;
    }
    let fastest = trace;
    for (const other of slow.values()) if (lengthOf(other) < lengthOf(fastest)) fastest = other;
    if (fastest === trace) return false;
    slow.delete(fastest.key);
    this.#held -= fastest.records.length;
    slow.set(trace.key, trace);
    return true;
  }
}

function lengthOf({ start, last }: TraceStats): number {
  return last - start;
}

function count(trace: Open, record: TraceRecord | LineScanner): void {
  switch (record.event) {
    case 'event_published':
      trace.events++;
      trace.open += record.subscriber_count;
      return;
    case 'event_handler_complete':
      trace.open = Math.max(0, trace.open - 1);
      return;
    case 'event_handler_error':
      trace.errors++;
      // A delivery with retries ends with its own record, `dead`.
      if (!record.will_retry && record.attempt <= 1) fail(trace);
      return;
    case 'event_delivery_dead':
      if (record.attempt > 1) fail(trace);
      return;
    case 'event_delivery_dropped':
    case 'event_delivery_abandoned':
      lose(trace);
      return;
    default:
      return;
  }
}

function fail(trace: Open): void {
  trace.failed++;
  lose(trace);
}

function lose(trace: Open): void {
  trace.lost++;
  trace.open = Math.max(0, trace.open - 1);
}
