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

/** Records that were given, and how many were said to be missing; `logged` is what each look at the log finds. */
async function follow(notices: readonly SessionNotice[], known = 0, logged: readonly (readonly number[])[] = []) {
  const seqs: number[] = [];
  let missing = 0;
  let looks = 0;
  const reason = await followNotices({
    notices: each(notices),
    past: Array.from({ length: known }, (_, index) => record(index + 1)),
    more: async () => (logged[looks++] ?? []).map(record),
    give(batch, dropped) {
      seqs.push(...batch.map((one) => one.seq));
      missing += dropped;
    },
  });
  // Those that the log told at first come first.
  expect(seqs.splice(0, known)).toEqual(Array.from({ length: known }, (_, index) => index + 1));
  return { seqs, missing, reason, looks };
}

const given = (seq: number): SessionNotice => ({ kind: 'record', record: record(seq) });
const dropped = (count: number): SessionNotice => ({ kind: 'dropped', count });

test('what the log has told does not come twice', async () => {
  const { seqs, missing, looks } = await follow([5, 6, 7, 8, 9].map(given), 7);
  expect(seqs).toEqual([8, 9]);
  expect(missing).toBe(0);
  // Once, at the end.
  expect(looks).toBe(1);
});

test('a hole is filled from the log, each record once and in order', async () => {
  const notices = [given(8), dropped(4), given(13), given(14), given(15), given(16)];
  const { seqs, missing } = await follow(notices, 7, [[8, 9, 10, 11, 12, 13, 14, 15]]);
  expect(seqs).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16]);
  expect(missing).toBe(0);
});

test('what the log does not have either is counted as missing', async () => {
  expect(await follow([given(10)], 7)).toMatchObject({ seqs: [10], missing: 2 });
  expect(await follow([given(10), given(11)])).toMatchObject({ seqs: [10, 11], missing: 9 });
  expect(await follow([given(20)], 7, [[14, 15]])).toMatchObject({ seqs: [14, 15, 20], missing: 10 });
});

test('a gap of the log is told by its own record, and not counted twice', async () => {
  const gap: LogRecord = { ...record(9), event: 'log_gap', level: 'error', lost: 3 };
  let missing = 0;
  const batches: (readonly LogRecord[])[] = [];
  await followNotices({
    notices: each([]),
    past: [record(1), record(2), record(3), gap],
    more: async () => [],
    give(batch, left) {
      batches.push(batch);
      missing += left;
    },
  });
  expect(batches.flat().map(({ seq }) => seq)).toEqual([1, 2, 3, 9]);
  // Five are missing, of which the log tells three.
  expect(missing).toBe(2);
});

test('whatever is dropped and whatever the log has, each record is given once and in order, or is missing once', async () => {
  const marks = fc.array(fc.record({ sent: fc.boolean(), logged: fc.boolean() }), { minLength: 1, maxLength: 80 });
  await fc.assert(
    fc.asyncProperty(marks, fc.nat(40), async (records, known) => {
      const notices: SessionNotice[] = [];
      const logged: number[][] = [];
      let waiting: number[] = [];
      records.forEach(({ sent, logged: kept }, index) => {
        const seq = index + 1;
        if (kept) waiting.push(seq);
        if (!sent) return;
        // A look at the log is made for a hole, and finds all since the last look.
        if (seq > known && records[index - 1]?.sent !== true) {
          logged.push(waiting);
          waiting = [];
        }
        notices.push(given(seq));
      });
      const { seqs, missing } = await follow(notices, known, logged);
      const newest = Math.max(known, records.findLastIndex(({ sent }) => sent) + 1);
      expect(seqs).toEqual([...new Set(seqs)].sort((a, b) => a - b));
      expect(known + seqs.length + missing).toBe(newest);
    }),
  );
});

test('the last records of a session that is gone come from its log', async () => {
  const { seqs, missing } = await follow([given(8), dropped(3), { kind: 'bye', reason: 'stopped' }], 7, [
    [9, 10],
    [11],
  ]);
  expect(seqs).toEqual([8, 9, 10, 11]);
  expect(missing).toBe(0);
});

test('says why there is no more', async () => {
  expect((await follow([given(1), { kind: 'bye', reason: 'stopped' }, given(2)], 0)).reason).toBe('stopped');
  expect((await follow([], 0)).reason).toBe('the session has ended');
});
