import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Needle } from '../../src/trace/read/needle.js';
import { SCAN_AREAS, SCAN_CHUNK, scanFile } from '../../src/trace/read/scan-file.js';
import { ScanHelper } from '../../src/trace/read/scan-helper.js';
import { isIndexed } from '../../src/trace/read/sidecar/key.js';
import { Native } from '../../src/trace/read/wasm/native.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-scan-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function native(...sizes: number[]): Native {
  const made = Native.create(sizes);
  if (made === undefined) throw new Error('no WebAssembly');
  return made;
}

/** Lines that the scan of a file gives, with where they begin. */
async function scanned(
  content: Buffer,
  id: string,
  worthHelp?: number,
): Promise<{ lines: string[]; tooLong: number; progress: number }> {
  const path = join(folder, 'x.log');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  let helper = Promise.resolve();
  try {
    const lines: string[] = [];
    let tooLong = 0;
    let progress = 0;
    await scanFile(native(...SCAN_AREAS), {
      fd,
      ranges: [{ start: 0, end: fstatSync(fd).size }],
      needle: new Needle(id),
      onLine: (line, offset) => lines.push(`${offset} ${line.toString()}`),
      onTooLong: () => tooLong++,
      onProgress: (bytes) => {
        progress += bytes;
      },
      onHelper: (ended) => {
        helper = ended;
      },
      worthHelp,
    });
    return { lines, tooLong, progress };
  } finally {
    await helper;
    closeSync(fd);
  }
}

/** The same by the simplest means. */
function expectedLines(content: Buffer, id: string): string[] {
  const found: string[] = [];
  let offset = 0;
  for (const line of content.toString('latin1').split('\n')) {
    if (new RegExp(`(?<![A-Za-z0-9])${id}(?![A-Za-z0-9])`).test(line)) found.push(`${offset} ${line}`);
    offset += line.length + 1;
  }
  return found;
}

describe('bytes are found', () => {
  test('wherever the simplest search finds them, from any place in memory on', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), maxLength: 300 });
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '-'), minLength: 3, maxLength: 8 });
    const { bytes, code } = native(4096);
    const options = { from: fc.nat(40), anchor: fc.nat(5), bounds: fc.constantFrom(0, 1, 2, 3) };
    fc.assert(
      fc.property(few, short, fc.record(options), (text, needle, { from, anchor, bounds }) => {
        bytes.fill('a', 0, 2048);
        bytes.write(text, 256 + from, 'latin1');
        bytes.write(needle, 0, 'latin1');
        const start = 256 + from;
        const aim = Math.min(anchor, needle.length - 3);
        const at = code.find(start, start + text.length, 0, needle.length, aim, bounds);
        const before = bounds & 1 ? '(?<![a-c])' : '';
        const behind = bounds & 2 ? '(?![a-c])' : '';
        expect(at === -1 ? -1 : at - start).toBe(text.search(new RegExp(before + needle + behind)));
      }),
      { numRuns: 1_000 },
    );
  });

  test('and pairs of them are counted', () => {
    const { bytes, code } = native(4096, 4 << 16);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100, max: 3 }), (content) => {
        bytes.fill(0);
        bytes.set(content, 0);
        code.pairs(0, content.length - 1, 65_536);
        const counted = new Map<number, number>();
        for (let at = 0; at + 1 < content.length; at++) {
          const pair = (content[at] ?? 0) | ((content[at + 1] ?? 0) << 8);
          counted.set(pair, (counted.get(pair) ?? 0) + 1);
        }
        for (const [pair, count] of counted) expect(bytes.readUInt32LE(65_536 + 4 * pair)).toBe(count);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a large file', () => {
  const line = (text: string) => `{"msg":"${text}"}\n`;
  const filler = (length: number) => `${'x'.repeat(length - 1)}\n`;

  test.each([
    ['one thread', undefined],
    ['two threads', 0],
  ])('gives each line that holds the id once, in order, also across the pieces it is read in: %s', async (_, help) => {
    const parts: string[] = [];
    let size = 0;
    const add = (text: string) => {
      parts.push(text);
      size += text.length;
    };
    // An id around every border between pieces, cut at each of its bytes.
    for (let piece = 1; piece <= 30; piece++) {
      const border = piece * SCAN_CHUNK;
      add(line(`req-1 first ${piece}`));
      add(filler(border - size - 8 - (piece % 12)));
      add(`{"id":"req-1"}\n`);
      add(line('req-12 and xreq-1 are others'));
      add(line('req-1 req-1 twice in a line'));
    }
    add('{"last":"req-1"}');
    const content = Buffer.from(parts.join(''));
    const { lines, progress } = await scanned(content, 'req-1', help);
    expect(lines).toEqual(expectedLines(content, 'req-1'));
    expect(progress).toBe(content.length);
    expect((await scanned(content, 'req-3', help)).lines).toEqual([]);
  });

  test('is searched for ids of one or two letters as well', async () => {
    const content = Buffer.from(`{"id":"x"}\n{"id":"xy"}\n{"id":"y"}\n${filler(SCAN_CHUNK)}{"id":"xy","x":"x"}`);
    for (const id of ['y', 'xy']) {
      expect((await scanned(content, id, 0)).lines).toEqual(expectedLines(content, id));
    }
  });

  test('is searched by the second thread as by the first', async () => {
    const path = join(folder, 'x.log');
    const chunkBytes = 1_000;
    const start = 500;
    const content = Buffer.alloc(start + 100 * chunkBytes, ' ');
    const places = [0, start, start + 999, start + 7_997, start + 8_100, start + 50_500, content.length - 5];
    for (const place of places) content.write('req-1', place);
    content.write('req-12', start + 20_000);
    writeFileSync(path, content);
    const fd = openSync(path, 'r');
    const claimed = new Int32Array(new SharedArrayBuffer(4));
    const clear = new Uint8Array(new SharedArrayBuffer(100));
    const scan = { claimed, clear, fd, start, end: content.length, chunkBytes, overlap: 100, claim: 8 };
    const needles = [{ bytes: Buffer.from('req-1'), address: 0, anchor: 2, bounds: 3 }];
    const { module } = native(8);
    const helper = ScanHelper.start({ scan, module, needles, memoryBytes: 65_536, address: 4_096 });
    await helper?.ended;
    closeSync(fd);
    expect(Atomics.load(claimed, 0)).toBeGreaterThan(100);
    // A chunk is read a little beyond its end.
    expect([...clear.entries()].filter(([, one]) => one === 0).map(([chunk]) => chunk)).toEqual([0, 7, 8, 50, 99]);
  });

  test('that cannot be read any more is an error, on two threads, too', async () => {
    const path = join(folder, 'x.log');
    writeFileSync(path, filler(3 * SCAN_CHUNK));
    const fd = openSync(path, 'w');
    const ranges = [{ start: 0, end: 3 * SCAN_CHUNK }];
    const scan = { fd, ranges, needle: new Needle('req-1'), onLine: () => {}, onTooLong: () => {}, worthHelp: 0 };
    await expect(scanFile(native(...SCAN_AREAS), scan)).rejects.toMatchObject({ code: 'EBADF' });
    closeSync(fd);
  });

  test('gives lines of several pieces whole, and counts those beyond the limit', async () => {
    const long = `{"id":"req-1","text":"${'y'.repeat(5 << 20)}req-1${'y'.repeat(5 << 20)}"}\n`;
    const giant = `{"id":"req-1","text":"${'z'.repeat(20 << 20)}","end":"req-1"}\n`;
    const content = Buffer.from(`${filler(1_000_000)}${long}${giant}${line('req-1')}${giant.trimEnd()}`);
    const { lines, tooLong } = await scanned(content, 'req-1');
    expect(lines.map((text) => text.length)).toEqual([`1000000 ${long}`.length - 1, 8 + 1 + line('req-1').length - 1]);
    expect(tooLong).toBe(2);
  });

  test('gives what a search by hand gives, whatever stands in it', async () => {
    const words = fc.constantFrom('req-1', 'req-12', 'xreq-1', '"', ' ', '\n', '\n\n', '\u0000', 'é', 'req-', '1');
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 200 }), async (texts) => {
        const content = Buffer.from(texts.join(''));
        const { lines } = await scanned(content, 'req-1');
        expect(lines).toEqual(expectedLines(content, 'req-1').map((text) => Buffer.from(text, 'latin1').toString()));
      }),
      { numRuns: 50 },
    );
  });
});

describe('what an index knows', () => {
  const { bytes, code } = native(4096);
  const isKey = (text: string) => code.isKey(0, bytes.write(text, 0, 'latin1')) !== 0;

  test('is what a look-up asks for, at least', () => {
    const ascii = fc.string({ unit: 'binary-ascii', maxLength: 140 });
    const ids = fc.oneof(fc.uuid(), ascii, fc.stringMatching(/^[a-z]{1,4}[-_][0-9a-f]{1,40}$/));
    fc.assert(
      fc.property(ids, (id) => {
        if (isIndexed(id)) expect(isKey(id)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  test('is each value between two quotes or backslashes that may be an id, wherever it stands', () => {
    const memory = native(1 << 12, 1 << 16, 1 << 16);
    const [text, out, seen] = [0, 1 << 16, 2 << 16];
    const words = fc.oneof(
      fc.constantFrom('"', '"', '"', '\\', ':', ',', '\n', ' ', 'é', '2026-11-23T08:00:00.000Z', 'trace_id'),
      fc.constantFrom('req-1', 'a1', '4bf92f3577b34da6a3ce929d0e0e4736', 'x'.repeat(70), '12345', '_9_9'),
      fc.stringMatching(/^[a-z0-9-]{1,30}$/),
    );
    const hashesOf = (line: string) => {
      const hashes = new Set<bigint>();
      const bytes = Buffer.from(line);
      for (let open = -1, at = 0; at < bytes.length; at++) {
        if (bytes[at] !== 0x22 && bytes[at] !== 0x5c) continue;
        if (open !== -1) {
          memory.bytes.fill(0, 0, 1 << 12);
          bytes.copy(memory.bytes, 0, open + 1, at);
          const length = at - open - 1;
          if (memory.code.isKey(0, length) !== 0) hashes.add(memory.code.hash(0, length));
        }
        open = at;
      }
      return hashes;
    };
    fc.assert(
      fc.property(fc.array(words, { maxLength: 80 }), fc.nat(80), (parts, shift) => {
        // No key within a key, and none that is cut at the end.
        const line = `${' '.repeat(shift)}${parts.join('')}`.slice(0, 2_000);
        const expected = hashesOf(line);
        memory.bytes.fill(0, 0, 1 << 12);
        const length = memory.bytes.write(line, text);
        const end = memory.code.keys(text, length, out, out + 60_000, seen);
        const found = new Set<bigint>();
        for (let at = out; at < end; at += 8) found.add(memory.bytes.readBigInt64LE(at));
        expect(found).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  test('is ids, and not words, numbers, times and text', () => {
    for (const id of ['req-12345', 'evt_01', '4bf92f3577b34da6a3ce929d0e0e4736', 'a1b2'])
      expect(isIndexed(id)).toBe(true);
    const others = [
      'req',
      'a-b-c',
      'abc',
      'a 1 b',
      '12345',
      '1.5',
      '2026-11-23T08:00:00.000Z',
      'a"1b',
      'a\\1b',
      'é123',
    ];
    for (const text of others) expect(isIndexed(text)).toBe(false);
    for (const text of ['trace_id', 'index.updated', 'a 1 b c', '2026-11-23T08:00:00.000Z', ':12,', 'x1']) {
      expect(isKey(text)).toBe(false);
    }
  });
});
