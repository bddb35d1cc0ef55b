/** What a session sends to one that watches, behind what its log told; holes are filled from the log. */
import type { RecordSink } from '../../dashboard/index.js';
import type { LogRecord } from '../../record/index.js';
import type { SessionNotice } from '../../session/index.js';

export interface Follow {
  readonly notices: AsyncIterable<SessionNotice>;
  /** Records of the log so far. */
  readonly past: readonly LogRecord[];
  /** Records that were logged since it was last asked; none where nothing is logged. */
  readonly more: () => Promise<readonly LogRecord[]>;
  /** Gets each record once, and how many were missing before each batch. */
  readonly give: RecordSink;
}

/** Resolves with why there are no more records. Their numbers, which rise by one, tell what is missing. */
export async function followNotices({ notices, past, more, give }: Follow): Promise<string> {
  let last = 0;
  const add = (records: readonly LogRecord[]) => {
    let run: LogRecord[] = [];
    for (const record of records) {
      if (record.seq <= last) continue;
      const missing = record.seq - last - 1;
      if (missing > 0) {
        if (run.length > 0) give(run, 0);
        run = [];
        // A gap in the log is told by its own record.
        give([], record.event === 'log_gap' ? Math.max(0, missing - record.lost) : missing);
      }
      run.push(record);
      last = record.seq;
    }
    if (run.length > 0) give(run, 0);
  };
  add(past);
  try {
    for await (const notice of notices) {
      if (notice.kind === 'bye') return notice.reason;
      // What was left out is in the log, if there is one; where there is none the next record's number tells.
      if (notice.kind === 'dropped' || notice.record.seq > last + 1) add(await more());
      if (notice.kind === 'record') add([notice.record]);
    }
    return 'the session has ended';
  } catch {
    return 'the connection was lost';
  } finally {
    // The last records of a session that is gone.
    add(await more());
  }
}
