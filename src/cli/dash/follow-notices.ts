/** What a session sends to one that watches, behind what its log told. */
import type { RecordSink } from '../../dashboard/index.js';
import type { SessionNotice } from '../../session/index.js';

/**
 * Gives records that are newer than `seq`, and how many were left out before each of them, as their numbers tell;
 * resolves with why there are no more.
 */
export async function followNotices(
  notices: AsyncIterable<SessionNotice>,
  seq: number | undefined,
  give: RecordSink,
): Promise<string> {
  let last = seq;
  /** Known to be left out by the session's own word, since the last record. */
  let told = 0;
  let fresh = false;
  try {
    for await (const notice of notices) {
      if (notice.kind === 'bye') return notice.reason;
      if (notice.kind === 'dropped') {
        // What was dropped while the log was read may be in the log: the next record's number tells.
        if (!fresh) continue;
        told += notice.count;
        give([], notice.count);
        continue;
      }
      const { record } = notice;
      if (last !== undefined && record.seq <= last) continue;
      give([record], Math.max(0, record.seq - (last ?? 0) - 1 - told));
      last = record.seq;
      told = 0;
      fresh = true;
    }
    return 'the session has ended';
  } catch {
    return 'the connection was lost';
  }
}
