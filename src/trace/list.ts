/** Every trace of some logs in one line each. */
import { type Outcome, roundMs } from './analysis.js';
import type { ReadReport } from './find-result.js';
import type { TraceKey } from './forest.js';
import { LineListings } from './list-lines.js';
import type { LogInput } from './read/input.js';
import { readDecoded } from './read/records.js';
import { isTraceRecord, type TraceRecord } from './trace-records.js';

export interface TraceListing extends TraceKey {
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** From the first to the last record, in milliseconds. */
  readonly durationMs: number;
  readonly events: number;
  readonly deliveries: number;
  /** Lines of other programs that carry the id; of such a trace, `events` and `deliveries` are 0, and `session` is empty. */
  readonly lines: number;
  /** Failed attempts; of lines those of level error and worse. */
  readonly errors: number;
  /**
   * Type of its first event; `undefined` where no event's record is in the log. Of lines the first message.
   */
  readonly rootType: string | undefined;
  readonly outcome: Outcome;
}

export interface TraceList {
  /** By start, the oldest first. */
  readonly traces: readonly TraceListing[];
  readonly read: ReadReport;
}

export interface ListOptions {
  /** Only this session's traces. */
  readonly session?: string | undefined;
  /** Path of the field that holds the id of other programs' lines. Default: the usual ones. */
  readonly field?: string | undefined;
  /** Only traces that began from this time on; milliseconds since 1970. */
  readonly since?: number | undefined;
  /** Only traces that began up to this time; milliseconds since 1970. */
  readonly until?: number | undefined;
}

/**
 * The traces of `inputs`. Memory grows with their number, not with their size.
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export async function listTraces(inputs: readonly LogInput[], options: ListOptions = {}): Promise<TraceList> {
  const { session, field, since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = options;
  const sessions = new Map<string, Map<string, Entry>>();
  const lines = new LineListings(field);
  const read = await readDecoded(inputs, (decoded, tally) => {
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') {
      const { record } = decoded;
      if (isTraceRecord(record) && (session === undefined || record.session === session)) {
        entryOf(sessions, record).take(record);
      }
    } else if (decoded.kind === 'foreign' && session === undefined) {
      if (decoded.lines.some((line) => lines.take(line))) tally.used();
    }
  });
  const own = [...sessions.values()].flatMap((byId) => Array.from(byId.values(), (entry) => entry.listing()));
  const traces = [...own, ...lines.listings()].filter(({ startTime }) => startTime >= since && startTime <= until);
  // A stable sort: traces of one millisecond stay in the order of the log.
  return { traces: traces.sort((a, b) => a.startTime - b.startTime), read };
}

function entryOf(sessions: Map<string, Map<string, Entry>>, record: TraceRecord): Entry {
  let byId = sessions.get(record.session);
  if (byId === undefined) {
    byId = new Map();
    sessions.set(record.session, byId);
  }
  let entry = byId.get(record.trace_id);
  if (entry === undefined) {
    entry = new Entry({ traceId: record.trace_id, session: record.session });
    byId.set(record.trace_id, entry);
  }
  return entry;
}

class Entry {
  readonly #key: TraceKey;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #longest = 0;
  #firstSeq = Number.POSITIVE_INFINITY;
  #rootType: string | undefined;
  #events = 0;
  #expected = 0;
  #deliveries = 0;
  #errors = 0;
  #failed = 0;
  #abandoned = 0;
  #logged = false;
  /** Deliveries under way; gone while there are none. */
  #open: Set<string> | undefined;

  constructor(key: TraceKey) {
    this.#key = key;
  }

  take(record: TraceRecord): void {
    const time = Date.parse(record.timestamp);
    if (time < this.#first) this.#first = time;
    if (time > this.#last) this.#last = time;
    switch (record.event) {
      case 'event_published':
        this.#events++;
        this.#expected += record.subscriber_count;
        if (record.seq < this.#firstSeq) {
          this.#firstSeq = record.seq;
          this.#rootType = record.event_type;
        }
        return;
      case 'event_no_subscribers':
        return;
      case 'event_handler_start':
        this.#logged = true;
        if (record.attempt === 1) this.#deliveries++;
        this.#open ??= new Set();
        this.#open.add(record.delivery_id);
        return;
      case 'event_handler_complete':
        this.#logged = true;
        this.#measure(record.queued_ms + record.duration_ms);
        this.#close(record.delivery_id);
        return;
      case 'event_handler_error':
        this.#errors++;
        this.#measure(record.queued_ms + record.duration_ms);
        if (record.will_retry) return;
        this.#failed++;
        this.#close(record.delivery_id);
        return;
      case 'event_delivery_dead':
        // Still open, its last error's record is missing.
        if (this.#close(record.delivery_id)) this.#failed++;
        return;
      case 'event_delivery_abandoned':
        this.#abandoned++;
        if (record.attempt === 0) this.#deliveries++;
        this.#close(record.delivery_id);
        return;
      case 'event_delivery_dropped':
        if (record.attempt === 0) this.#deliveries++;
        this.#close(record.delivery_id);
        return;
    }
  }

  /** True where the delivery was under way. */
  #close(id: string): boolean {
    const wasOpen = this.#open?.delete(id) === true;
    if (this.#open?.size === 0) this.#open = undefined;
    return wasOpen;
  }

  /** Timestamps are whole milliseconds; what was measured is finer. */
  #measure(ms: number): void {
    if (ms > this.#longest) this.#longest = ms;
  }

  listing(): TraceListing {
    const known = this.#first <= this.#last;
    return {
      ...this.#key,
      startTime: known ? this.#first : 0,
      durationMs: known ? roundMs(Math.max(this.#last - this.#first, this.#longest)) : 0,
      events: this.#events,
      deliveries: this.#deliveries,
      lines: 0,
      errors: this.#errors,
      rootType: this.#rootType,
      outcome: this.#outcome(),
    };
  }

  #outcome(): Outcome {
    if (this.#failed > 0) return 'failed';
    if (!this.#logged && this.#expected > 0) return this.#abandoned > 0 ? 'unfinished' : 'unknown';
    const open = this.#open !== undefined || this.#deliveries < this.#expected;
    return open || this.#abandoned > 0 ? 'unfinished' : 'ok';
  }
}
