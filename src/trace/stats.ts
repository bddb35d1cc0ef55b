/** The guide's statistics, from a log instead of a running bus. */
import type { LogRecord } from '../record/index.js';
import type { ReadReport } from './find-result.js';
import type { LogInput } from './read/input.js';
import { readRecords } from './read/records.js';
import type { SessionStats } from './session-stats.js';
import { SessionTotals } from './session-totals.js';

export interface LogStats {
  /** Of each session, the newest first. */
  readonly sessions: readonly SessionStats[];
  readonly read: ReadReport;
}

export interface StatsOptions {
  /** Only this session. */
  readonly session?: string | undefined;
  /** Called with the bytes that are read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Statistics of each session in `inputs`.
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export async function logStats(inputs: readonly LogInput[], options: StatsOptions = {}): Promise<LogStats> {
  const sessions = new Map<string, SessionTotals>();
  const onRecord = (record: LogRecord) => {
    if (options.session !== undefined && record.session !== options.session) return;
    let totals = sessions.get(record.session);
    if (totals === undefined) {
      totals = new SessionTotals(record);
      sessions.set(record.session, totals);
    }
    totals.take(record);
  };
  const read = await readRecords(inputs, onRecord, { onProgress: options.onProgress });
  const results = Array.from(sessions.values(), (totals) => totals.result());
  results.reverse().sort((a, b) => compareText(b.firstTimestamp, a.firstTimestamp));
  return { sessions: results, read };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
