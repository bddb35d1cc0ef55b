import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { CfBusError } from '../../src/kernel/index.js';
import { type DestinationOptions, LogDestination } from '../../src/record/destination.js';
import { endOfTurn, FlakyDisk, linesOf, ManualClock, systemError, temporaryFolder } from './support.js';

interface Setup {
  readonly path: string;
  readonly clock: ManualClock;
  readonly disk: FlakyDisk;
  readonly troubles: CfBusError[];
  readonly gaps: number[];
  readonly log: LogDestination;
}

function setUp(options: Partial<DestinationOptions> = {}): Setup {
  const path = options.path ?? join(temporaryFolder(), 'logs', 'cf-bus.log');
  const clock = new ManualClock();
  const disk = new FlakyDisk();
  const troubles: CfBusError[] = [];
  const gaps: number[] = [];
  const log = new LogDestination({
    path,
    clock,
    write: disk.write,
    onTrouble: (error) => troubles.push(error),
    onRecovered: (lost) => {
      gaps.push(lost);
      if (lost > 0) log.write(`gap ${lost}\n`);
    },
    ...options,
  });
  onTestFinished(() => {
    disk.failure = undefined;
    disk.room = Number.POSITIVE_INFINITY;
    try {
      log.close();
    } catch {
      // The test was about a log that cannot be written.
    }
  });
  return { path, clock, disk, troubles, gaps, log };
}

describe('writing', () => {
  test('lines are on disk after one turn of the event loop, in order', async () => {
    const { path, log } = setUp();
    for (let index = 0; index < 100; index++) log.write(`line ${index}\n`);
    expect(existsSync(path)).toBe(false);
    await endOfTurn();
    expect(linesOf(path)).toEqual(Array.from({ length: 100 }, (_, index) => `line ${index}`));
  });

  test('64 KiB do not wait for the end of the turn', () => {
    const { path, log } = setUp();
    const line = `${'x'.repeat(1023)}\n`;
    for (let index = 0; index < 64; index++) log.write(line);
    expect(statSync(path).size).toBe(64 * 1024);
  });

  test('flushSync writes at once', () => {
    const { path, log } = setUp();
    log.write('one\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['one']);
  });

  test('the folder is made, and the file is readable by its owner alone', () => {
    const { path, log } = setUp();
    log.open();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('an old log is appended to, unless a fresh one was asked for', () => {
    const path = join(temporaryFolder(), 'a.log');
    writeFileSync(path, 'old\n');
    const first = setUp({ path });
    first.log.write('new\n');
    first.log.close();
    expect(linesOf(path)).toEqual(['old', 'new']);
    const second = setUp({ path, fresh: true });
    second.log.write('only\n');
    second.log.close();
    expect(linesOf(path)).toEqual(['only']);
  });

  test('a fresh log is not emptied again when it is reopened', () => {
    const { path, log } = setUp({ fresh: true });
    log.write('one\n');
    log.flushSync();
    log.reopen();
    log.write('two\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['one', 'two']);
  });

  test('two writers of one file never mix their lines', async () => {
    const { path, log } = setUp();
    const other = setUp({ path });
    for (let index = 0; index < 5_000; index++) {
      log.write(`a ${index}\n`);
      other.log.write(`b ${index}\n`);
    }
    await endOfTurn();
    const lines = linesOf(path);
    expect(lines.filter((line) => line.startsWith('a'))).toEqual(Array.from({ length: 5_000 }, (_, n) => `a ${n}`));
    expect(lines.filter((line) => line.startsWith('b'))).toEqual(Array.from({ length: 5_000 }, (_, n) => `b ${n}`));
  });
});

describe('what is no regular file is refused', () => {
  test.each([
    ['a directory', (path: string) => mkdirSync(path)],
    ['a FIFO', (path: string) => execFileSync('mkfifo', [path])],
    ['a symbolic link', (path: string) => symlinkSync('/dev/null', path)],
  ])('%s', (kind, make) => {
    const path = join(temporaryFolder(), 'odd.log');
    make(path);
    expect(() => setUp({ path }).log.open()).toThrow(
      expect.objectContaining({ code: 'LOG_UNAVAILABLE', message: expect.stringContaining(kind) }),
    );
  });

  test('a device', () => {
    expect(() => setUp({ path: '/dev/full' }).log.open()).toThrow(/is a device/);
  });

  test('a path that leads through a file', () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(() => setUp({ path: join(file, 'a.log') }).log.open()).toThrow(/is a file, not a directory/);
  });

  test('but /dev/null is allowed: people write it to have no log', () => {
    const { log, troubles } = setUp({ path: '/dev/null' });
    log.open();
    log.write('gone\n');
    log.flushSync();
    expect(troubles).toEqual([]);
  });
});

describe('whole lines only', () => {
  test('short writes go on at the very byte, whatever the text and the size of the bites', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { minLength: 1, maxLength: 20 }),
        fc.integer({ min: 1, max: 30 }),
        (texts, bite) => {
          const { path, disk, log } = setUp();
          disk.bite = bite;
          const lines = texts.map((text) => JSON.stringify(text));
          for (const line of lines) log.write(`${line}\n`);
          log.close();
          expect(linesOf(path)).toEqual(lines);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a disk that fills up at any byte, several times, tears no line and repeats none', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 6 }), (rooms) => {
        const { path, clock, disk, log } = setUp();
        const lines = Array.from({ length: 12 }, (_, index) => `{"line":${index}}`);
        disk.room = 0;
        for (const line of lines) log.write(`${line}\n`);
        for (const room of rooms) {
          disk.room = room;
          clock.advance(600);
        }
        disk.room = Number.POSITIVE_INFINITY;
        log.close();
        expect(linesOf(path)).toEqual(lines);
      }),
    );
  });

  test('a half line of ours that another writer ran into is ended, and written again as a whole', () => {
    const { path, disk, log } = setUp();
    disk.room = 4;
    log.write('{"a":1}\n');
    expect(() => log.flushSync()).toThrow();
    appendFileSync(path, '{"other":1}\n');
    disk.room = Number.POSITIVE_INFINITY;
    log.flushSync();
    expect(linesOf(path)).toEqual(['{"a"{"other":1}', '{"a":1}']);
  });

  test('a half line that was cut off by truncation is written again as a whole', () => {
    const { path, disk, log } = setUp();
    disk.room = 4;
    log.write('{"a":1}\n');
    expect(() => log.flushSync()).toThrow();
    truncateSync(path, 0);
    disk.room = Number.POSITIVE_INFINITY;
    log.flushSync();
    expect(linesOf(path)).toEqual(['{"a":1}']);
  });

  test('a tail torn by a killed writer gets its line break before the next line', () => {
    const path = join(temporaryFolder(), 'torn.log');
    writeFileSync(path, 'whole\n{"torn":');
    const { log } = setUp({ path });
    log.write('next\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['whole', '{"torn":', 'next']);
  });

  test('copy-truncate: writing goes on at the start of the emptied file', () => {
    const { path, log } = setUp();
    log.write('before\n');
    log.flushSync();
    truncateSync(path, 0);
    log.write('after\n');
    log.flushSync();
    expect(readFileSync(path, 'utf8')).toBe('after\n');
  });

  test.each(['EAGAIN', 'EINTR'])('%s is tried again, without trouble', (code) => {
    let refusals = 3;
    const { path, log, troubles } = setUp({
      write: (fd, bytes, offset, length) => {
        if (refusals-- > 0) throw systemError(code);
        return writeSync(fd, bytes, offset, length);
      },
    });
    log.write('one\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['one']);
    expect(troubles).toEqual([]);
  });
});

describe('trouble', () => {
  test('a full device is told once, refuses flushSync, and is over by itself', () => {
    const full = openSync('/dev/full', 'w');
    let broken = true;
    const { path, clock, troubles, gaps, log } = setUp({
      write: (fd, bytes, offset, length) => writeSync(broken ? full : fd, bytes, offset, length),
    });
    log.write('one\n');
    expect(() => log.flushSync()).toThrow(expect.objectContaining({ code: 'LOG_UNAVAILABLE' }));
    expect(() => log.flushSync()).toThrow(/disk is full \(ENOSPC\)/);
    expect(troubles).toHaveLength(1);
    expect(log.available).toBe(false);
    log.write('two\n');
    broken = false;
    clock.advance(600);
    expect(log.available).toBe(true);
    expect(gaps).toEqual([0]);
    expect(linesOf(path)).toEqual(['one', 'two']);
    expect(clock.pending).toBe(0);
  });

  test.each(['EIO', 'EDQUOT', 'EFBIG', 'EBADF'])('%s keeps what was accepted', (code) => {
    const { path, disk, clock, troubles, log } = setUp();
    log.write('one\n');
    log.flushSync();
    disk.failure = code;
    log.write('two\n');
    expect(() => log.flushSync()).toThrow(code);
    disk.failure = undefined;
    clock.advance(600);
    expect(linesOf(path)).toEqual(['one', 'two']);
    expect(troubles).toHaveLength(1);
  });

  test('beyond the bound lines are lost, counted, and the gap is told where it is', () => {
    const { path, disk, clock, gaps, log } = setUp({ keptBytes: 100 });
    disk.room = 0;
    for (let index = 0; index < 50; index++) log.write(`line ${String(index).padStart(3, '0')}!\n`);
    expect(() => log.flushSync()).toThrow();
    for (let index = 50; index < 60; index++) log.write(`line ${String(index).padStart(3, '0')}!\n`);
    disk.room = Number.POSITIVE_INFINITY;
    clock.advance(600);
    log.write('after\n');
    log.close();
    expect(gaps).toEqual([10]);
    expect(linesOf(path).slice(-3)).toEqual(['line 049!', 'gap 10', 'after']);
  });

  test('an acknowledgement after a loss is refused, even when the disk is well again', () => {
    const { disk, clock, log } = setUp({ keptBytes: 20 });
    disk.room = 0;
    log.write('accepted\n');
    expect(() => log.flushSync()).toThrow();
    log.write('too much, this is lost\n');
    disk.room = Number.POSITIVE_INFINITY;
    clock.advance(600);
    expect(() => log.flushSync()).toThrow(/1 records? of the log/);
    log.flushSync();
  });

  test('a trouble that comes back is told again', () => {
    const { disk, clock, troubles, log } = setUp();
    for (const code of ['ENOSPC', 'EIO']) {
      disk.failure = code;
      log.write('x\n');
      expect(() => log.flushSync()).toThrow(code);
      disk.failure = undefined;
      clock.advance(600);
    }
    expect(troubles.map((error) => error.message)).toEqual([
      expect.stringContaining('ENOSPC'),
      expect.stringContaining('EIO'),
    ]);
  });

  test('memory stays bounded while the disk is full', () => {
    const { disk, log } = setUp();
    disk.room = 0;
    const line = `${'x'.repeat(1023)}\n`;
    for (let index = 0; index < 64; index++) log.write(line);
    const before = process.memoryUsage().arrayBuffers;
    for (let index = 0; index < 50_000; index++) log.write(line);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(12 * 1024 * 1024);
  });

  test('close says how many records it had to give up', () => {
    const { disk, log, clock } = setUp();
    disk.room = 5;
    log.write('one\n');
    log.write('two\n');
    log.write('three\n');
    expect(() => log.close()).toThrow(/2 records are lost/);
    expect(clock.pending).toBe(0);
    log.close();
  });

  test('a lazily opened log that cannot be opened keeps its lines until it can', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'a.log');
    mkdirSync(path);
    const { clock, troubles, log } = setUp({ path });
    log.write('kept\n');
    expect(() => log.flushSync()).toThrow(/a directory/);
    expect(troubles).toHaveLength(1);
    rmSync(path, { recursive: true });
    clock.advance(600);
    expect(linesOf(path)).toEqual(['kept']);
  });
});

describe('rename and removal', () => {
  test('after a rename, writing goes on in a new file within a second', async () => {
    const { path, clock, log } = setUp();
    log.write('old\n');
    log.flushSync();
    renameSync(path, `${path}.1`);
    clock.advance(1_000);
    log.write('new\n');
    await endOfTurn();
    expect(linesOf(`${path}.1`)).toEqual(['old']);
    expect(linesOf(path)).toEqual(['new']);
  });

  test('flushSync notices a removal at once: what was acknowledged is in the file of that name', () => {
    const { path, log } = setUp();
    log.write('old\n');
    log.flushSync();
    rmSync(path);
    log.write('acknowledged\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['acknowledged', 'gap 1']);
  });

  test('a removal is told, and what was written meanwhile counted: it went with the file', async () => {
    const { path, clock, troubles, gaps, log } = setUp();
    for (const line of ['one', 'two']) {
      log.write(`${line}\n`);
      await endOfTurn();
      clock.advance(1_000);
    }
    log.write('seen in its place\n');
    await endOfTurn();
    rmSync(path);
    for (const line of ['lost', 'lost, too']) {
      log.write(`${line}\n`);
      await endOfTurn();
    }
    expect(troubles).toEqual([]);
    clock.advance(1_000);
    log.write('kept\n');
    await endOfTurn();
    expect(troubles.map(({ message }) => message)).toEqual([`the log ${path} was removed; it is begun anew`]);
    // The line that was written right after the last look is in the removed file, too.
    expect(gaps).toEqual([3]);
    expect(linesOf(path)).toEqual(['kept', 'gap 3']);
    expect(log.available).toBe(true);
  });

  test('a file that went away is no place to have acknowledged anything in', async () => {
    const { path, gaps, log } = setUp();
    log.write('acknowledged\n');
    log.flushSync();
    rmSync(path);
    log.write('asked for\n');
    await endOfTurn();
    expect(() => log.flushSync()).toThrow(/1 records? of the log/);
    expect(gaps).toEqual([2]);
    log.write('asked for again\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['gap 2', 'asked for again']);
  });

  test('SIGHUP after a removal tells it as well', () => {
    const { path, troubles, gaps, log } = setUp();
    log.write('gone\n');
    log.flushSync();
    rmSync(path);
    log.reopen();
    expect([troubles.length, gaps]).toEqual([1, [1]]);
    expect(linesOf(path)).toEqual(['gap 1']);
  });

  test('a log that was removed is closed without a word, and not made again', () => {
    const { path, troubles, log } = setUp();
    log.write('gone\n');
    log.flushSync();
    rmSync(path);
    log.close();
    expect([troubles, existsSync(path)]).toEqual([[], false]);
  });

  test('what was moved is not gone, also where it can no longer be found', async () => {
    const { path, clock, troubles, log } = setUp();
    log.write('old\n');
    log.flushSync();
    renameSync(path, join(temporaryFolder(), 'far away.log'));
    clock.advance(1_000);
    log.write('new\n');
    await endOfTurn();
    expect(troubles).toEqual([]);
  });

  test('a removed folder is made again', () => {
    const folder = temporaryFolder();
    const path = join(folder, 'logs', 'a.log');
    const { log } = setUp({ path });
    log.write('old\n');
    log.flushSync();
    rmSync(join(folder, 'logs'), { recursive: true });
    log.write('new\n');
    log.flushSync();
    expect(linesOf(path)).toEqual(['new', 'gap 1']);
  });

  test('reopen goes over to a new file at once', () => {
    const { path, log } = setUp();
    log.write('old\n');
    log.flushSync();
    renameSync(path, `${path}.1`);
    log.write('still old\n');
    log.reopen();
    log.write('new\n');
    log.flushSync();
    expect(linesOf(`${path}.1`)).toEqual(['old', 'still old']);
    expect(linesOf(path)).toEqual(['new']);
  });

  test('a line that was half in the renamed file is whole in the new one', () => {
    const { path, disk, log } = setUp();
    disk.room = 4;
    log.write('{"a":1}\n');
    expect(() => log.flushSync()).toThrow();
    renameSync(path, `${path}.1`);
    expect(() => log.flushSync()).toThrow();
    disk.room = Number.POSITIVE_INFINITY;
    log.flushSync();
    expect(linesOf(path)).toEqual(['{"a":1}']);
  });

  test('something else in place of the file is trouble, not a place to write to', () => {
    const { path, clock, troubles, log } = setUp();
    log.write('old\n');
    log.flushSync();
    renameSync(path, `${path}.1`);
    mkdirSync(path);
    log.write('kept\n');
    expect(() => log.flushSync()).toThrow(/a directory/);
    expect(troubles).toHaveLength(1);
    rmSync(path, { recursive: true });
    clock.advance(600);
    expect(linesOf(path)).toEqual(['kept']);
  });
});

test('close lets go of everything: no listener, no timer', () => {
  const before = process.listenerCount('exit');
  const { clock, log } = setUp();
  const second = setUp();
  expect(process.listenerCount('exit')).toBe(before + 1);
  log.write('x\n');
  log.close();
  second.log.close();
  expect(process.listenerCount('exit')).toBe(before);
  expect(clock.pending).toBe(0);
  expect(() => log.flushSync()).toThrow(/closed/);
});
