import {
  appendFileSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { findTrace, indexLogs } from '../../src/trace/index.js';
import { openInputs } from '../../src/trace/read/input.js';
import { Needle } from '../../src/trace/read/needle.js';
import { searchPart } from '../../src/trace/read/search-part.js';
import { Tally } from '../../src/trace/read/tally.js';
import { toLines } from '../support/log-generator.js';
import { published } from '../support/records.js';

let folder: string;
let cacheFolder: string;
let log: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-index-'));
  cacheFolder = join(folder, 'cache');
  log = join(folder, 'x.log');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const NOW = Date.UTC(2026, 10, 23);
const template = published('evt-1');

/** Records of one request each, `req-<from>` to `req-<to>`. */
function lines(from: number, to: number): string {
  const texts: string[] = [];
  for (let index = from; index < to; index++) {
    texts.push(JSON.stringify({ ...template, seq: index, event_id: `evt-${index}`, trace_id: `req-${index}` }));
  }
  return `${texts.join('\n')}\n`;
}

const index = (options = {}) => indexLogs([log], { cacheFolder, now: NOW, ...options });

/** What a search with the index tells, after it was held against one without. */
async function search(id: string) {
  const result = await findTrace([log], id, { cacheFolder });
  const plain = await findTrace([log], id);
  expect(result.found).toBe(plain.found);
  if (result.found && plain.found && result.kind === 'trace' && plain.kind === 'trace') {
    expect(result.traces).toEqual(plain.traces);
    expect(result.otherSessions).toEqual(plain.otherSessions);
  }
  return { found: result.found, ...result.read };
}

describe('an index', () => {
  test('spares most of a large log, and loses no request', async () => {
    writeFileSync(log, lines(0, 40_000));
    expect((await search('req-7')).unindexed).toBeGreaterThan(4 << 20);
    await index();
    for (const number of [0, 1, 999, 1_000, 20_000, 39_990, 39_999]) {
      const { found, skipped, bytes, unindexed } = await search(`req-${number}`);
      expect(found).toBe(true);
      expect(skipped).toBeGreaterThan(bytes);
      expect(unindexed).toBeLessThan(1 << 20);
    }
    expect((await search('req-40000')).found).toBe(false);
  });

  test('knows ids in any field and way of writing, at the borders of its blocks too', async () => {
    const forms = (id: string) => [
      `{"trace_id":"${id}"}`,
      `{"trace_id": "${id}"}`,
      `{"req":{"id":"${id}"}}`,
      `{"log":"{\\"trace_id\\":\\"${id}\\"}\\n","stream":"stdout"}`,
      `{"traceparent":"00-${id}-b7ad6b7169203331-01"}`,
      `{"logging.googleapis.com/trace":"projects/web-1/traces/${id}"}`,
    ];
    const parts: string[] = [];
    const ids: string[] = [];
    let size = 0;
    for (let place = 0; size < 12 << 20; place++) {
      const id = `c${place.toString(16).padStart(31, '0')}`;
      for (const form of forms(id)) {
        parts.push(form);
        size += form.length + 1;
      }
      // So that the borders of blocks fall on other and other bytes of lines.
      const filler = `{"text":"${'x'.repeat(10_000 + (place % 97))}"}`;
      parts.push(filler);
      size += filler.length + 1;
      ids.push(id);
    }
    writeFileSync(log, `${parts.join('\n')}\n`);
    await index();
    const [part] = openInputs([log]);
    if (part === undefined) throw new Error('no log');
    for (const id of ids) {
      const tally = new Tally();
      const found: string[] = [];
      const onLine = (line: Buffer) => found.push(line.toString());
      await searchPart(part, {
        ...{ id, needle: new Needle(id), tally, cacheFolder, onLine },
        onGap: () => {},
        onGapRanges: () => {},
        onBlock: undefined,
      });
      expect(found).toEqual(forms(id));
      expect(tally.report().skipped).toBeGreaterThan(8 << 20);
    }
  });

  test('is not asked for ids that may be written in other ways', async () => {
    const odd = ['12345', 'a/1234', 'é-1234', 'abcdef', '1'];
    const texts = odd.map((id) => `${JSON.stringify({ ...template, trace_id: id })}\n`);
    writeFileSync(log, `${lines(0, 20_000)}${texts.join('')}${lines(20_000, 40_000)}`);
    await index();
    for (const id of odd) expect(await search(id)).toMatchObject({ found: true, skipped: 0 });
  });

  test('goes on where the log has grown, and its tail is always searched', async () => {
    writeFileSync(log, lines(0, 80_000));
    await index();
    appendFileSync(log, lines(80_000, 110_000));
    const before = await search('req-105000');
    expect(before.found).toBe(true);
    expect(before.unindexed).toBeGreaterThan(4 << 20);
    let again = 0;
    await index({ onProgress: (bytes: number) => (again = bytes) });
    expect(again).toBeLessThan(statSync(log).size * 0.5);
    const after = await search('req-105000');
    expect(after.bytes).toBeLessThan(before.bytes);
    for (const number of [0, 63_000, 79_999, 80_000]) expect((await search(`req-${number}`)).found).toBe(true);
  });

  test('stays with a log that is rotated by renaming', async () => {
    writeFileSync(log, lines(0, 30_000));
    await index();
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(30_000, 30_100));
    expect((await search('req-15000')).skipped).toBeGreaterThan(4 << 20);
  });

  test('of a log that was truncated, rewritten or edited is ignored, and made anew', async () => {
    const changes = [
      () => truncateSync(log, 5 << 20),
      () => {
        truncateSync(log, 0);
        writeFileSync(log, lines(100_000, 140_000));
      },
      () => {
        const { size } = statSync(log);
        const fd = openSync(log, 'r+');
        writeSync(fd, lines(100_000, 100_001), size / 2);
        closeSync(fd);
        utimesSync(log, new Date(NOW), new Date(NOW));
      },
    ];
    for (const change of changes) {
      writeFileSync(log, lines(0, 30_000));
      await index();
      change();
      expect(await search('req-2')).toMatchObject({ skipped: 0 });
      await search('req-100000');
      await index();
      expect((await search('req-100000')).skipped).toBeGreaterThan(0);
    }
  });

  test('that is damaged or of another format is ignored', async () => {
    writeFileSync(log, lines(0, 30_000));
    await index();
    const [name = ''] = readdirSync(join(cacheFolder, 'index'));
    const path = join(cacheFolder, 'index', name);
    const whole = readFileSync(path);
    const damaged = [
      Buffer.alloc(0),
      Buffer.from('no index'),
      whole.subarray(0, whole.length - 5),
      Buffer.concat([whole, Buffer.alloc(100)]),
      Buffer.concat([Buffer.from('{"format":"cf-bus index 0"}'.padEnd(512)), whole.subarray(512)]),
      Buffer.concat([whole.subarray(0, 512), Buffer.alloc(whole.length - 512, 0xff)]),
    ];
    for (const bytes of damaged) {
      writeFileSync(path, bytes);
      expect(await search('req-15000')).toMatchObject({ found: true, skipped: 0 });
    }
  });

  test('that is stopped halfway keeps what is done', async () => {
    writeFileSync(log, lines(0, 60_000));
    const stop = new AbortController();
    await index({ signal: stop.signal, onProgress: () => stop.abort() });
    const { skipped, unindexed } = await search('req-10');
    expect(skipped).toBeGreaterThan(0);
    expect(unindexed).toBeGreaterThan(2 << 20);
  });

  test('is for its user alone, and none is made of small logs; old ones are removed', async () => {
    writeFileSync(log, toLines([template]));
    await index();
    expect(() => readdirSync(join(cacheFolder, 'index'))).toThrow();
    mkdirSync(join(cacheFolder, 'index'), { recursive: true, mode: 0o700 });
    const old = join(cacheFolder, 'index', 'old.idx');
    writeFileSync(old, '');
    utimesSync(old, new Date(NOW - 40 * 86_400_000), new Date(NOW - 40 * 86_400_000));
    writeFileSync(log, lines(0, 20_000));
    await index();
    const [name = '', ...rest] = readdirSync(join(cacheFolder, 'index'));
    expect(rest).toEqual([]);
    expect(statSync(join(cacheFolder, 'index', name)).mode & 0o777).toBe(0o600);
  });
});
