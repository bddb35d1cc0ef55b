/** All traces of some logs, one after the other, in memory that does not grow with the log. */
import { CfBusError } from '../kernel/index.js';
import { buildTrace } from './build.js';
import { parseTime } from './dialect/time.js';
import type { Trace, TraceKey } from './forest.js';
import { type LogInput, openInputs } from './read/input.js';
import { forEachLine } from './read/line-blocks.js';
import { Tally } from './read/tally.js';
import { type GapRecord, isTraceRecord, type TraceRecord } from './trace-records.js';

export interface ReadTracesOptions {
  /** Only this session's traces. */
  readonly session?: string | undefined;
  /**
   * Milliseconds of the log's time after which a trace that nothing was written about is given. One that goes on later
   * comes a second time, with what was written since. Default: 60,000. `Infinity`: all at the end, each once.
   */
  readonly quietMs?: number | undefined;
}

interface Open {
  readonly key: TraceKey;
  readonly records: (TraceRecord | GapRecord)[];
  /** Of its last record, in milliseconds since 1970. */
  lastTime: number;
}

/** So many records are held at most; the trace that was quiet longest is given earlier then. */
const MOST_RECORDS = 1_000_000;

/**
 * The traces in records of cf-bus, each as soon as it is quiet, roughly in the order they ended.
 *
 * ```ts
 * import { analyse, readTraces } from 'cf-bus/trace';
 *
 * for await (const trace of readTraces(['logs/cf-bus.log'])) {
 *   const { outcome, durationMs } = analyse(trace);
 *   if (outcome === 'failed') console.log(trace.traceId, durationMs);
 * }
 * ```
 * @param inputs paths, each of which stands for its rotated parts too, oldest first; or streams with a name
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export async function* readTraces(
  inputs: readonly LogInput[],
  options: ReadTracesOptions = {},
): AsyncGenerator<Trace, void, undefined> {
  const traces = new OpenTraces(options);
  const tally = new Tally();
  for (const part of openInputs(inputs)) {
    // There is no report to name it in.
    if (part.refused !== undefined) throw new CfBusError('FILE_UNREADABLE', part.refused);
    for await (const { lines } of part.blocks()) {
      forEachLine(lines, (line) => {
        const record = tally.record(line);
        if (record === undefined) return;
        if (record.event === 'log_gap') traces.takeGap(record);
        else if (isTraceRecord(record)) traces.take(record);
      });
      yield* traces.quiet();
    }
  }
  yield* traces.rest();
}

class OpenTraces {
  readonly #session: string | undefined;
  readonly #quietMs: number;
  /** The one that was quiet longest first. */
  readonly #open = new Map<string, Open>();
  #time = Number.NEGATIVE_INFINITY;
  #newest = '';
  #records = 0;

  constructor({ session, quietMs = 60_000 }: ReadTracesOptions) {
    this.#session = session;
    this.#quietMs = quietMs;
  }

  take(record: TraceRecord): void {
    if (this.#session !== undefined && record.session !== this.#session) return;
    const time = parseTime(record.timestamp) ?? this.#time;
    // A log may hold runs in virtual time, which all begin at the same one.
    if (time > this.#time || record.session !== this.#newest) this.#time = time;
    this.#newest = record.session;
    const name = `${record.session} ${record.trace_id}`;
    const key = { traceId: record.trace_id, session: record.session };
    const open = this.#open.get(name) ?? { key, records: [], lastTime: time };
    this.#open.delete(name);
    this.#open.set(name, open);
    open.records.push(record);
    open.lastTime = time;
    this.#records++;
  }

  /** Of each trace that is under way, some of the lost records may have been. */
  takeGap(record: GapRecord): void {
    if (this.#session !== undefined && record.session !== this.#session) return;
    for (const { key, records } of this.#open.values()) {
      if (key.session !== record.session) continue;
      records.push(record);
      this.#records++;
    }
  }

  *quiet(): Generator<Trace> {
    for (const [name, open] of this.#open) {
      const over = open.key.session !== this.#newest || this.#time - open.lastTime > this.#quietMs;
      if (!over && this.#records <= MOST_RECORDS) return;
      this.#open.delete(name);
      yield this.#close(open);
    }
  }

  *rest(): Generator<Trace> {
    for (const open of this.#open.values()) yield this.#close(open);
    this.#open.clear();
  }

  #close({ key, records }: Open): Trace {
    this.#records -= records.length;
    return buildTrace(records, key);
  }
}
