import fc from 'fast-check';
import { expect, test } from 'vitest';
import { followNotices } from '../../src/cli/dash/follow-notices.js';
import type { LogRecord } from '../../src/record/index.js';
import type { SessionNotice } from '../../src/session/index.js';

function record(seq: number): LogRecord {
  const timestamp = '2026-01-01T00:00:00.000Z';
  return { level: 'info', timestamp, event: 'control_changed', seq, session: 's1', action: 'a', target: 't', by: 'b' };
}

async function* each(notices: readonly SessionNotice[]): AsyncGenerator<SessionNotice> {
  yield* notices;
}

/** Records that were given, and how many were said to be missing. */
async function follow(notices: readonly SessionNotice[], seq: number | undefined) {
  const seqs: number[] = [];
  let missing = 0;
  const reason = await followNotices(each(notices), seq, (batch, dropped) => {
    seqs.push(...batch.map((one) => one.seq));
    missing += dropped;
  });
  return { seqs, missing, reason };
}

const given = (seq: number): SessionNotice => ({ kind: 'record', record: record(seq) });
const dropped = (count: number): SessionNotice => ({ kind: 'dropped', count });

test('what the log has told does not come twice', async () => {
  const { seqs, missing } = await follow([5, 6, 7, 8, 9].map(given), 7);
  expect(seqs).toEqual([8, 9]);
  expect(missing).toBe(0);
});

test('a hole between log and watch is counted', async () => {
  expect(await follow([given(10)], 7)).toMatchObject({ seqs: [10], missing: 2 });
});

test('without a log, what came before is counted as missing', async () => {
  expect(await follow([given(10), given(11)], undefined)).toMatchObject({ seqs: [10, 11], missing: 9 });
});

test('what was dropped while the log was read is in the log: it is missing only if no record came after', async () => {
  expect(await follow([given(3), dropped(4), given(8)], 20)).toMatchObject({ seqs: [], missing: 0 });
  expect(await follow([given(3), dropped(17), given(21)], 20)).toMatchObject({ seqs: [21], missing: 0 });
  expect(await follow([given(3), dropped(19), given(23)], 20)).toMatchObject({ seqs: [23], missing: 2 });
});

test('whatever is dropped and whenever that is said, each record is given once or missing once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }), fc.nat(40), async (sent, known) => {
      const notices: SessionNotice[] = [];
      let waiting = 0;
      sent.forEach((arrives, index) => {
        if (!arrives) {
          waiting++;
          return;
        }
        if (waiting > 0) notices.push(dropped(waiting));
        waiting = 0;
        notices.push(given(index + 1));
      });
      const { seqs, missing } = await follow(notices, known);
      const newest = Math.max(known, sent.lastIndexOf(true) + 1);
      expect(new Set(seqs).size).toBe(seqs.length);
      expect(known + seqs.length + missing).toBe(newest);
    }),
  );
});

test('says why there is no more', async () => {
  expect((await follow([given(1), { kind: 'bye', reason: 'stopped' }, given(2)], 0)).reason).toBe('stopped');
  expect((await follow([], 0)).reason).toBe('the session has ended');
});
