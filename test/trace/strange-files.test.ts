/** What a log's path may lead to that is no file. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import { findTrace, listTraces, logStats, readRecords } from '../../src/trace/index.js';
import { toLines } from '../support/log-generator.js';
import { published } from '../support/records.js';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'cf-bus-strange-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function pipe(): string {
  const path = join(folder(), 'pipe');
  execFileSync('mkfifo', [path]);
  return path;
}

function refusal(reading: Promise<unknown>): Promise<unknown> {
  return reading.then(
    () => 'read',
    (error: unknown) => (error instanceof CfBusError ? error.message : error),
  );
}

/** What each way to read a log says of `path`. */
function refusals(path: string): Promise<unknown[]> {
  const ways = [findTrace([path], 'req-1'), listTraces([path]), logStats([path]), readRecords([path], () => {})];
  return Promise.all(ways.map(refusal));
}

test('a device is refused: it may have no end', async () => {
  const link = join(folder(), 'zero.log');
  symlinkSync('/dev/zero', link);
  for (const path of ['/dev/zero', link]) {
    expect(new Set(await refusals(path))).toEqual(new Set([`cannot read ${path}: it is neither a file nor a pipe`]));
  }
});

test('a socket is refused', async () => {
  const path = join(folder(), 'socket');
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  expect((await refusals(path))[0]).toBe(`cannot read ${path}: it is neither a file nor a pipe`);
});

test('a named pipe that nobody writes to is given up, also where it stands for an older part of a log', async () => {
  const path = pipe();
  expect(await refusal(findTrace([path], 'req-1'))).toBe(
    `cannot read ${path}: it is a named pipe, and nobody writes to it`,
  );
  const log = join(folder(), 'x.log');
  writeFileSync(log, toLines([published('evt-1')]));
  execFileSync('mkfifo', [`${log}.1`]);
  expect(await refusal(findTrace([log], 'req-1'))).toBe(
    `cannot read ${log}.1: it is a named pipe, and nobody writes to it`,
  );
});

test('a named pipe is read as long as somebody writes to it', async () => {
  const path = pipe();
  const writer = spawn('sh', ['-c', 'exec 3> "$0"; sleep 0.2; cat >&3', path], { stdio: ['pipe', 'ignore', 'ignore'] });
  writer.stdin.end(toLines([published('evt-1'), published('evt-2')]));
  const ids: unknown[] = [];
  await readRecords([path], (record) => ids.push(record.event_id));
  expect(ids).toEqual(['evt-1', 'evt-2']);
});
