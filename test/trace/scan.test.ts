import { closeSync, fstatSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Needle } from '../../src/trace/read/needle.js';
import { SCAN_AREAS, SCAN_CHUNK, scanFile } from '../../src/trace/read/scan-file.js';
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
async function scanned(content: Buffer, id: string): Promise<{ lines: string[]; tooLong: number }> {
  const path = join(folder, 'x.log');
  writeFileSync(path, content);
  const fd = openSync(path, 'r');
  try {
    const lines: string[] = [];
    let tooLong = 0;
    await scanFile(native(...SCAN_AREAS), {
      fd,
      ranges: [{ start: 0, end: fstatSync(fd).size }],
      needle: new Needle(id),
      onLine: (line, offset) => lines.push(`${offset} ${line.toString()}`),
      onTooLong: () => tooLong++,
    });
    return { lines, tooLong };
  } finally {
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
  test('wherever the simplest search finds them', () => {
    const few = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 300 });
    const short = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 6 });
    const { bytes, code } = native(4096);
    fc.assert(
      fc.property(few, short, fc.nat(5), fc.nat(5), (text, needle, one, other) => {
        bytes.fill(0, 0, 2048);
        bytes.write(text, 256, 'latin1');
        bytes.write(needle, 0, 'latin1');
        const first = Math.min(one, needle.length - 1);
        const second = Math.max(first, Math.min(other, needle.length - 1));
        const at = code.find(256, 256 + text.length, 0, needle.length, first, second);
        expect(at === -1 ? -1 : at - 256).toBe(text.indexOf(needle));
      }),
    );
  });

  test('and counted', () => {
    const { bytes, code } = native(4096);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200, max: 12 }), fc.nat(12), (content, byte) => {
        bytes.set(content, 0);
        expect(code.count(0, content.length, byte)).toBe(content.filter((each) => each === byte).length);
      }),
    );
  });
});

describe('a large file', () => {
  const line = (text: string) => `{"msg":"${text}"}\n`;
  const filler = (length: number) => `${'x'.repeat(length - 1)}\n`;

  test('gives each line that holds the id once, in order, also across the pieces it is read in', async () => {
    const parts: string[] = [];
    let size = 0;
    const add = (text: string) => {
      parts.push(text);
      size += text.length;
    };
    // An id around every border between pieces, cut at each of its bytes.
    for (let piece = 1; piece <= 9; piece++) {
      const border = piece * SCAN_CHUNK;
      add(line(`req-1 first ${piece}`));
      add(filler(border - size - 8 - (piece - 1)));
      add(`{"id":"req-1"}\n`);
      add(line('req-12 and xreq-1 are others'));
      add(line('req-1 req-1 twice in a line'));
    }
    add('{"last":"req-1"}');
    const content = Buffer.from(parts.join(''));
    expect((await scanned(content, 'req-1')).lines).toEqual(expectedLines(content, 'req-1'));
    expect((await scanned(content, 'req-3')).lines).toEqual([]);
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
