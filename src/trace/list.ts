/** Every trace of some logs in one line each. */
import { type Outcome, roundMs } from './analysis.js';
import type { ReadReport } from './find-result.js';
import type { TraceKey } from './forest.js';
import { LineListings } from './listing/line-listings.js';
import { OwnListings } from './listing/own-listings.js';
import { RecordScanner } from './listing/record-scanner.js';
import { MOST_ROWS, sortRows } from './listing/sort-rows.js';
import { FLAG, TraceTable } from './listing/trace-table.js';
import type { Block } from './read/blocks.js';
import { type LogInput, type LogPart, openInputs } from './read/input.js';
import { nextTurn } from './read/scan-helper.js';
import { Tally } from './read/tally.js';

export interface TraceListing extends TraceKey {
  /** Milliseconds since 1970; `undefined` where none of its lines tells a time. */
  readonly startTime: number | undefined;
  /** From the first to the last record, in milliseconds. */
  readonly durationMs: number;
  readonly events: number;
  readonly deliveries: number;
  /** Lines of other programs that carry the id; of such a trace, `events` and `deliveries` are 0, and `session` is empty. */
  readonly lines: number;
  /** Failed attempts; of lines those of level error and worse. */
  readonly errors: number;
  /**
   * Type of its first event; `undefined` where no event's record is in the log. Of lines the first message, which may be
   * cut.
   */
  readonly rootType: string | undefined;
  readonly outcome: Outcome;
}

/** The order of a list: the value that rises. */
export type ListKey = 'start' | 'duration' | 'errors';

/** Lines of traces that are not in a list, because it was full. */
export interface LeftOut {
  readonly lines: number;
  /** Of the earliest of them, in milliseconds since 1970; `undefined` where none tells its time. */
  readonly from: number | undefined;
}

export interface TraceList {
  readonly size: number;
  /** Rising by `key`; of equal ones, the one that began earlier comes first. Made one by one: a list may be long. */
  readonly listings: (key?: ListKey) => IterableIterator<TraceListing>;
  /** The one that began last. */
  readonly newest: TraceListing | undefined;
  readonly leftOut: LeftOut;
  readonly read: ReadReport;
}

export interface ListOptions {
  /** Only this session's traces. */
  readonly session?: string | undefined;
  /** Path of the field that holds the id of other programs' lines. Default: the usual ones. */
  readonly field?: string | undefined;
  /** Only traces that began from this time on; milliseconds since 1970. Those that tell no time are left out then. */
  readonly since?: number | undefined;
  /** Only traces that began up to this time; milliseconds since 1970. Those that tell no time are left out then. */
  readonly until?: number | undefined;
  /** Only those that failed. */
  readonly failed?: boolean | undefined;
  /** Traces that are kept at most, 50 to 100 bytes each; lines of later ones are counted. Default: a million; at most four. */
  readonly most?: number | undefined;
  /** Called with the bytes that are read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

const MOST = 1_000_000;
const NEWLINE = 10;

/** The traces in the last `bytes` of a file alone, the line that is cut there left out. */
export async function listEnd(part: LogPart, bytes: number, options: ListOptions): Promise<TraceList> {
  const lister = new Lister(options);
  for await (const block of part.blocks(Math.max(0, part.size - bytes))) lister.take(block);
  return lister.list();
}

/**
 * The traces of `inputs`. Memory grows with their number up to a bound, not with the size of the logs.
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export async function listTraces(inputs: readonly LogInput[], options: ListOptions = {}): Promise<TraceList> {
  const lister = new Lister(options);
  for (const part of openInputs(inputs)) {
    lister.tally.begin(part);
    for await (const block of part.blocks()) {
      lister.take(block);
      await nextTurn();
    }
  }
  return lister.list();
}

class Lister {
  readonly tally: Tally;
  readonly #options: ListOptions;
  readonly #table: TraceTable;
  readonly #own: OwnListings;
  readonly #lines: LineListings;
  readonly #scanner = new RecordScanner();
  #leftOut = 0;
  #leftOutFrom = Number.POSITIVE_INFINITY;

  constructor(options: ListOptions) {
    this.#options = options;
    this.tally = new Tally(options.onProgress);
    this.#table = new TraceTable(Math.min(options.most ?? MOST, MOST_ROWS));
    this.#own = new OwnListings(this.#table, options.session);
    this.#lines = new LineListings(this.#table, options.field);
  }

  take(block: Block): void {
    this.tally.took(block);
    const { lines } = block;
    for (let from = 0; from < lines.length; ) {
      const end = lines.indexOf(NEWLINE, from);
      const to = end === -1 ? lines.length : end;
      this.#takeLine(lines, from, to);
      from = to + 1;
    }
  }

  #takeLine(lines: Buffer, from: number, to: number): void {
    const scanner = this.#scanner;
    if (scanner.scan(lines, from, to)) {
      this.tally.scanned();
      if (!this.#own.takeScanned(lines, scanner)) this.#leaveOut(scanner.time);
      return;
    }
    const decoded = this.tally.decode(lines.subarray(from, to));
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') {
      if (!this.#own.take(decoded.record)) this.#leaveOut(Date.parse(decoded.record.timestamp));
    } else if (decoded.kind === 'foreign' && this.#options.session === undefined) {
      const taken = decoded.lines.map((line) => this.#lines.take(line));
      if (taken.some(({ kind }) => kind !== 'no_id')) this.tally.used();
      for (const each of taken) if (each.kind === 'no_room') this.#leaveOut(each.time);
    }
  }

  #leaveOut(time: number | undefined): void {
    this.#leftOut++;
    if (time !== undefined && time < this.#leftOutFrom) this.#leftOutFrom = time;
  }

  list(): TraceList {
    const table = this.#table;
    const rows = this.#wanted();
    const last = rows.at(-1);
    const from = Number.isFinite(this.#leftOutFrom) ? this.#leftOutFrom : undefined;
    return {
      size: rows.length,
      newest: last === undefined ? undefined : listing(table, last),
      leftOut: { lines: this.#leftOut, from },
      read: this.tally.report(),
      *listings(key = 'start') {
        const values = { start: undefined, duration: durationOf, errors: errorsOf }[key];
        const ordered = values === undefined ? rows : sortRows(rows, (row) => values(table, row));
        for (const row of ordered) yield listing(table, row);
      },
    };
  }

  /** Of those that are asked for, by start; those that tell none come first. */
  #wanted(): Uint32Array {
    const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY, failed } = this.#options;
    const hasBounds = Number.isFinite(since) || Number.isFinite(until);
    const table = this.#table;
    const [untimed, timed] = [new Uint32Array(table.size), new Uint32Array(table.size)];
    let [untimedCount, timedCount] = [0, 0];
    for (let row = 0; row < table.size; row++) {
      if (failed === true && outcomeOf(table, row) !== 'failed') continue;
      const start = startOf(table, row);
      if (start !== undefined && start >= since && start <= until) timed[timedCount++] = row;
      else if (start === undefined && !hasBounds) untimed[untimedCount++] = row;
    }
    const rows = new Uint32Array(untimedCount + timedCount);
    rows.set(untimed.subarray(0, untimedCount));
    rows.set(
      sortRows(timed.subarray(0, timedCount), (row) => table.first.get(row)),
      untimedCount,
    );
    return rows;
  }
}

/** `undefined` where no line tells a time. */
function startOf(table: TraceTable, row: number): number | undefined {
  return table.is(row, FLAG.timed) ? table.first.get(row) : undefined;
}

function durationOf(table: TraceTable, row: number): number {
  return roundMs(Math.max(table.span.get(row), table.longest.get(row) / 1_000));
}

function errorsOf(table: TraceTable, row: number): number {
  return table.errors.get(row);
}

function listing(table: TraceTable, row: number): TraceListing {
  const isOwn = table.isOwn(row);
  const events = table.events.get(row);
  return {
    traceId: table.id(row),
    session: table.sessionOf(row),
    startTime: startOf(table, row),
    durationMs: durationOf(table, row),
    events: isOwn ? events : 0,
    deliveries: table.deliveries.get(row),
    lines: isOwn ? 0 : events,
    errors: errorsOf(table, row),
    rootType: table.root(row),
    outcome: outcomeOf(table, row),
  };
}

function outcomeOf(table: TraceTable, row: number): Outcome {
  // What became of a request, lines do not tell; that something failed, they do.
  if (!table.isOwn(row)) return errorsOf(table, row) > 0 ? 'failed' : 'unknown';
  if (table.is(row, FLAG.failed)) return 'failed';
  const isAbandoned = table.is(row, FLAG.abandoned);
  const expected = table.expected.get(row);
  if (!table.is(row, FLAG.logged) && expected > 0) return isAbandoned ? 'unfinished' : 'unknown';
  const isOpen = table.open.get(row) > 0 || table.deliveries.get(row) < expected;
  return isOpen || isAbandoned ? 'unfinished' : 'ok';
}
