/** A log file as the dashboard's source: one run of it, the newest unless another one is named. */
import type { DashboardHeader, DashboardSource, RecordSink } from '../../dashboard/index.js';
import { CfBusError, safe } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import { type ReadReport, readRecords } from '../../trace/index.js';

export interface LogSource {
  readonly source: DashboardSource;
  /** Other runs in the same log. */
  readonly others: number;
  readonly read: ReadReport;
}

const BATCH = 1_000;

/**
 * @param file with its rotated parts.
 * @param onFailure called when the log cannot be read to its end.
 * @throws CfBusError `FILE_UNREADABLE`; `NOT_FOUND` (exit code 1) for a log without records; `SESSION_UNKNOWN`.
 */
export async function logSource(
  file: string,
  wanted: string | undefined,
  onFailure: (error: unknown) => void,
): Promise<LogSource> {
  const firsts = new Map<string, LogRecord>();
  const told = new Set<string>();
  const read = await readRecords([file], (record) => {
    const { session, event } = record;
    if (!firsts.has(session)) firsts.set(session, record);
    if (event === 'event_handler_start' || event === 'event_handler_complete') told.add(session);
  });
  const first = wanted === undefined ? [...firsts.values()].at(-1) : firsts.get(wanted);
  if (first === undefined) throw nothing(file, wanted, firsts);
  return {
    source: {
      kind: 'log',
      file,
      header: { ...headerOf(first, file), deliveriesLogged: told.has(first.session) },
      subscribe: (sink) => readInto(sink, file, first.session, onFailure),
    },
    others: firsts.size - 1,
    read,
  };
}

function readInto(sink: RecordSink, file: string, session: string, onFailure: (error: unknown) => void): () => void {
  let stopped = false;
  let batch: LogRecord[] = [];
  const flush = () => {
    if (!stopped && batch.length > 0) sink(batch, 0);
    batch = [];
  };
  readRecords([file], (record) => {
    if (stopped || record.session !== session) return;
    if (batch.push(record) === BATCH) flush();
  }).then(flush, onFailure);
  return () => {
    stopped = true;
  };
}

function headerOf(first: LogRecord, file: string): DashboardHeader {
  const started = first.event === 'session_started' ? first : undefined;
  return {
    title: safe(started?.scenario ?? file),
    session: first.session,
    clock: started?.clock ?? 'real',
    speed: started?.speed ?? 1,
    seed: started?.seed,
    started: Date.parse(first.timestamp),
    log: file,
  };
}

function nothing(file: string, wanted: string | undefined, firsts: ReadonlyMap<string, LogRecord>): CfBusError {
  if (wanted === undefined) return new CfBusError('NOT_FOUND', `no records of cf-bus in ${file}`, { exitCode: 1 });
  return new CfBusError('SESSION_UNKNOWN', `no session ${wanted} in ${file}`, {
    hint: firsts.size === 0 ? 'it holds no records of cf-bus' : `it holds ${[...firsts.keys()].slice(-5).join(', ')}`,
  });
}
