import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SessionLog } from '../../src/cli/dash/session-log.js';
import { tempDir } from '../support/cli.js';

function line(seq: number, session = 's1'): string {
  const timestamp = '2026-01-01T00:00:00.000Z';
  const rest = { event: 'control_changed', seq, session, action: 'a', target: 't', by: 'b' };
  return `${JSON.stringify({ level: 'info', timestamp, ...rest })}\n`;
}

async function seqs(log: SessionLog | undefined): Promise<readonly number[]> {
  return ((await log?.more()) ?? []).map(({ seq }) => seq);
}

test('each look finds what came since the last, of this session alone', async () => {
  const path = join(tempDir(), 'a.log');
  writeFileSync(path, line(1) + line(1, 's0') + line(2));
  const log = await SessionLog.open(path, 's1');
  expect(await seqs(log)).toEqual([1, 2]);
  expect(await seqs(log)).toEqual([]);
  appendFileSync(path, line(3) + line(4).slice(0, 20));
  expect(await seqs(log)).toEqual([3]);
  appendFileSync(path, line(4).slice(20));
  expect(await seqs(log)).toEqual([4]);
  await log?.close();
});

test('what was written before and after a rotation is found', async () => {
  const path = join(tempDir(), 'a.log');
  writeFileSync(path, line(1));
  const log = await SessionLog.open(path, 's1');
  expect(await seqs(log)).toEqual([1]);
  appendFileSync(path, line(2));
  renameSync(path, `${path}.1`);
  writeFileSync(path, line(3));
  expect(await seqs(log)).toEqual([2, 3]);
  appendFileSync(path, line(4));
  expect(await seqs(log)).toEqual([4]);
  await log?.close();
});

test('a log that is not there, or not any more, has nothing to tell', async () => {
  const path = join(tempDir(), 'a.log');
  expect(await SessionLog.open(path, 's1')).toBeUndefined();
  writeFileSync(path, line(1));
  const log = await SessionLog.open(path, 's1');
  await log?.close();
  expect(await seqs(log)).toEqual([]);
});
