import { appendFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as zlib from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  buildTrace,
  type FindResult,
  findTrace,
  type LogInput,
  listTraces,
  logStats,
  readTraces,
} from '../../src/trace/index.js';
import { generateLog, toLines } from '../support/log-generator.js';
import { at, completed, published, record } from '../support/records.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-trace-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function stream(...chunks: readonly (Buffer | string)[]): LogInput {
  return {
    name: 'stdin',
    stream: (async function* () {
      yield* chunks;
    })(),
  };
}

function found(result: FindResult) {
  if (!result.found || result.kind !== 'trace') throw new Error(`not found: ${JSON.stringify(result)}`);
  return result;
}

function missing(result: FindResult) {
  if (result.found) throw new Error('found, though it should not be');
  return result;
}

describe('finding a trace', () => {
  test('gives the forest that its records make', async () => {
    const log = generateLog({ seed: 5, traces: 30 });
    const path = write('x.log', toLines(log.records));
    for (const traceId of log.traceIds) {
      const result = found(await findTrace([path], traceId));
      expect(result.traces).toEqual([buildTrace(log.records, { traceId, session: 's1' })]);
    }
  });

  test('matches ids whole: req-1 is neither req-12 nor xreq-1', async () => {
    const lines = [published('evt-1', { trace_id: 'req-12' }), published('evt-2', { trace_id: 'xreq-1' })];
    const path = write('x.log', toLines([...lines, published('evt-3', { trace_id: 'req-1' })]));
    expect(found(await findTrace([path], 'req-1')).traces[0].events.map(({ id }) => id)).toEqual(['evt-3']);
    expect(missing(await findTrace([path], 'req-')).found).toBe(false);
  });

  test('finds any id, however it is written as JSON', async () => {
    const ids = fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 10 }),
      fc.constantFrom('a"b', 'a\\b', 'a/b', '/', '"', 'é', '日本-7', '12345', '-1', '1.5', '👩‍👩‍👧'),
    );
    const escapes = fc.constantFrom('plain', 'slash', 'unicode', 'UNICODE');
    await fc.assert(
      fc.asyncProperty(ids, escapes, async (id, how) => {
        // A lone surrogate cannot be written as UTF-8.
        fc.pre(Buffer.from(id).toString() === id);
        const line = escaped(JSON.stringify(published('evt-1', { trace_id: id })), how);
        expect(JSON.parse(line).trace_id).toBe(id);
        const noise = toLines(generateLog({ seed: 1, traces: 1 }).records);
        const result = await findTrace([stream(`${noise}${line}\n${noise}`)], id);
        expect(result.found).toBe(true);
      }),
    );
  });

  test('reads the same however a stream is cut into chunks', async () => {
    const log = generateLog({ seed: 8, traces: 3 });
    const bytes = Buffer.from(toLines(log.records));
    const expected = found(await findTrace([stream(bytes)], 'req-2')).traces;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
        expect(found(await findTrace([stream(...chunks)], 'req-2')).traces).toEqual(expected);
      }),
    );
  });

  test('reads a last line that has no line break', async () => {
    const path = write('x.log', toLines([published('evt-1')]).trimEnd());
    expect(found(await findTrace([path], 'req-1')).read).toMatchObject({ records: 1, torn: 0 });
  });

  test('reads lines longer than a block, and passes over lines beyond the limit', async () => {
    const long = published('evt-1', { payload: { text: 'x'.repeat(3 << 20) } });
    const giant = published('evt-2', { payload: { text: 'x'.repeat(17 << 20) } });
    const path = write('x.log', toLines([long, giant, published('evt-3')]));
    const result = found(await findTrace([path], 'req-1'));
    expect(result.traces[0].events.map(({ id }) => id)).toEqual(['evt-1', 'evt-3']);
    expect(result.read.tooLong).toBe(1);
  });
});

function escaped(json: string, how: string): string {
  if (how === 'slash') return json.replaceAll('/', '\\/');
  if (how === 'plain') return json;
  return json.replace(/[\u0080-\uffff]/g, (unit) => {
    const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
    return `\\u${how === 'UNICODE' ? hex.toUpperCase() : hex}`;
  });
}

describe('an id in several sessions', () => {
  async function twice(options = {}) {
    const first = generateLog({ seed: 1, session: 'older', startTime: Date.UTC(2026, 0, 1) });
    const second = generateLog({ seed: 2, session: 'newer', startTime: Date.UTC(2026, 0, 2) });
    const path = write('x.log', toLines([...first.records, ...second.records]));
    return findTrace([path], 'req-1', options);
  }

  test('shows the newest and names the others', async () => {
    const result = found(await twice());
    expect(result.traces.map(({ session }) => session)).toEqual(['newer']);
    expect(result.otherSessions).toEqual(['older']);
  });

  test('shows the one asked for', async () => {
    const result = found(await twice({ session: 'older' }));
    expect(result.traces.map(({ session }) => session)).toEqual(['older']);
    expect(result.otherSessions).toEqual(['newer']);
  });

  test('shows all when asked, the newest first', async () => {
    const result = found(await twice({ all: true }));
    expect(result.traces.map(({ session }) => session)).toEqual(['newer', 'older']);
  });

  test('names those that have it when the one asked for has not', async () => {
    expect(missing(await twice({ session: 'nowhere' })).otherSessions).toEqual(['newer', 'older']);
  });

  test('takes the later one in the log as newer where times are equal, as in virtual runs', async () => {
    const logs = ['a', 'b'].flatMap((session) => generateLog({ seed: 1, session }).records);
    const path = write('x.log', toLines(logs));
    expect(found(await findTrace([path], 'req-1')).traces[0].session).toBe('b');
  });
});

describe('what lies in logs beside our records', () => {
  test('torn, invalid and foreign lines that hold the id are counted and survived', async () => {
    const lines = toLines([published('evt-1'), published('evt-2')]).split('\n');
    const [first = '', second = ''] = lines;
    const torn = first.slice(0, first.indexOf('"payload_keys"'));
    const path = write(
      'x.log',
      [
        first,
        torn,
        'GET /index "req-1" 200',
        '{"level":30,"msg":"hello","reqId":"req-1"}',
        `${torn}${second}`,
        `\u0000\u0000\u0000${toLines([published('evt-3')]).trim()}`,
        torn,
      ].join('\n'),
    );
    const result = found(await findTrace([path], 'req-1'));
    expect(result.traces[0].events.map(({ id }) => id)).toEqual(['evt-1', 'evt-2', 'evt-3']);
    expect(result.read).toMatchObject({ records: 3, torn: 3, invalid: 1, foreign: 0 });
    expect(result.timeline?.entries.map(({ message }) => message)).toEqual(['hello']);
  });

  test('any bytes are survived', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (bytes) => {
        const record = toLines([published('evt-1')]);
        const result = await findTrace([stream(Buffer.from(bytes), `\n${record}`)], 'req-1');
        expect(found(result).traces[0].events).toHaveLength(1);
      }),
    );
  });
});

describe('an id that is not there', () => {
  test('gives the newest traces, the nearest id and how much was read', async () => {
    const log = generateLog({ seed: 3, traces: 40, traceId: (index) => `req-${1000 + index}` });
    const path = write('x.log', toLines(log.records));
    const result = missing(await findTrace([path], 'req-1O07'));
    expect(result.suggestion).toBe('req-1007');
    expect(result.lines).toBe(log.records.length);
    expect(result.newest).toHaveLength(10);
    const times = result.newest.map(({ time }) => time);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    expect(result.read.files).toEqual([path]);
    const begun = log.records.filter(
      (record) => record.event === 'event_published' && record.causation_id === undefined,
    );
    expect(times[0]).toBe(Math.max(...begun.map(({ timestamp }) => Date.parse(timestamp))));
    expect(new Set(result.newest.map((hint) => hint.traceId)).size).toBe(10);
  });

  test('tells which field does hold it, and the trace of an event id', async () => {
    const foreign = '{"msg":"x","job":{"key":"evt-1"}}\n{"msg":"y","job":{"key":"evt-1"}}\n{"count":17}\n';
    const path = write('x.log', toLines([published('evt-1', { trace_id: 'req-7' })]) + foreign);
    expect(missing(await findTrace([path], 'evt-1')).elsewhere).toEqual([
      { field: 'job.key', lines: 2, traceId: undefined },
      { field: 'event_id', lines: 1, traceId: 'req-7' },
    ]);
    expect(missing(await findTrace([path], '17')).elsewhere).toEqual([
      { field: 'count', lines: 1, traceId: undefined },
    ]);
  });

  test('is told for a stream, too, which can be read only once', async () => {
    const log = generateLog({ seed: 3, traces: 4 });
    const result = missing(await findTrace([stream(toLines(log.records))], 'req-9'));
    expect(result.lines).toBe(log.records.length);
    expect(result.newest.length).toBeGreaterThan(0);
  });

  test('an empty log, and no log, are no error', async () => {
    const result = missing(await findTrace([write('x.log', '')], 'req-1'));
    expect(result).toMatchObject({ lines: 0, newest: [], suggestion: undefined });
    expect(missing(await findTrace([], 'req-1')).read.files).toEqual([]);
  });

  test('an empty id is refused', async () => {
    await expect(findTrace([], '')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

const ZSTD_RECORD =
  'KLUv/QRoxQQAYgogGWB3DqPOEHRYu+yuO5xBUUBK/Ka7SYJUoAhAtyh8urXEPFBOG7T+ll8rTDrM7CZOhzbY1bMdOOvftfPbmZikQX1iI8Dz29oqM9DzKxkpHfhX078/HdE4NZjF8GvVWf892V1hl3f5WKQggmEIDGKJ8y0KVtpUrH+XUBXPnzrr6VwIAGAMQ01IGk0Jt9kskyrqQQh/uHvirBCa';

describe('what can be read', () => {
  const log = generateLog({ seed: 4, traces: 12 });
  const lines = toLines(log.records).trimEnd().split('\n');
  const part = (from: number, to: number) => `${lines.slice(from, to).join('\n')}\n`;
  const third = Math.ceil(lines.length / 3);

  test('a rotated set is read as one, oldest part first, when its name is asked for', async () => {
    write('x.log.2.gz', zlib.gzipSync(part(0, third)));
    write('x.log.1', part(third, 2 * third));
    write('x.log.old', 'nothing of ours');
    write('x.log.1x', 'nothing of ours');
    write('other.log.1', 'nothing of ours');
    const path = write('x.log', part(2 * third, lines.length));
    for (const traceId of log.traceIds) {
      const result = found(await findTrace([path], traceId));
      expect(result.traces).toEqual([buildTrace(log.records, { traceId, session: 's1' })]);
      expect(result.read.files.map((name) => name.slice(folder.length + 1))).toEqual([
        'x.log.2.gz',
        'x.log.1',
        'x.log',
      ]);
    }
  });

  test('parts are known by numbers and dates, the dated ones as older', async () => {
    const names = ['x.log-20251231.gz', 'x.log-20260101', 'x.log.2026-01-02', 'x.log-20260102-1700000000', 'x.log.10'];
    names.push('x.log.2.gz', 'x.log.1', 'x.log');
    const size = Math.ceil(lines.length / names.length);
    for (const [index, name] of names.entries()) {
      const text = part(index * size, (index + 1) * size);
      write(name, name.endsWith('.gz') ? zlib.gzipSync(text) : text);
    }
    for (const other of ['x.log-2026', 'x.log.bak', 'x.log-20260101.old', 'yx.log.1']) write(other, 'nothing of ours');
    const result = found(await findTrace([join(folder, 'x.log')], 'req-1'));
    expect(result.read.files.map((name) => name.slice(folder.length + 1))).toEqual(names);
    expect(result.traces).toEqual([buildTrace(log.records, { traceId: 'req-1', session: 's1' })]);
  });

  test('zstd is unpacked where Node.js can, and named where it cannot', async () => {
    // `zstd` of one record of req-1.
    const packed = Buffer.from(ZSTD_RECORD, 'base64');
    const path = write('x.log.zst', packed);
    if ('createZstdDecompress' in zlib) {
      expect(found(await findTrace([path], 'req-1')).read).toMatchObject({ records: 1, torn: 0 });
      expect(found(await findTrace([stream(packed, packed)], 'req-1')).read.records).toBe(2);
    } else {
      const message = `cannot read ${path}: it is packed with zstd, which this Node.js cannot unpack; zstd -dc can`;
      await expect(findTrace([path], 'req-1')).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message });
    }
  });

  test('a rotated part in zstd is left out where Node.js cannot unpack it, and named', async () => {
    write('x.log.1.zst', Buffer.from(ZSTD_RECORD, 'base64'));
    const path = write('x.log', part(0, lines.length));
    const { read } = found(await findTrace([path], 'req-1'));
    const unpacked = 'createZstdDecompress' in zlib;
    expect(read.leftOut).toEqual(unpacked ? [] : [join(folder, 'x.log.1.zst')]);
    expect(read.files).toHaveLength(unpacked ? 2 : 1);
    expect((await listTraces([path])).read.leftOut).toEqual(read.leftOut);
  });

  test('a rotated part that cannot be read is left out and named; where nothing else is there, it is an error', async () => {
    const path = write('x.log', part(0, lines.length));
    symlinkSync('nowhere', join(folder, 'x.log.1'));
    mkdirSync(join(folder, 'x.log.2'));
    const why = `cannot read ${path}.1: there is no such file`;
    const { read } = found(await findTrace([path], 'req-1'));
    expect(read).toMatchObject({ files: [path], refused: [why] });
    expect((await listTraces([path])).read.refused).toEqual([why]);
    await expect(findTrace([`${path}.1`], 'req-1')).rejects.toMatchObject({ message: why });
    await expect(readTraces([path]).next()).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message: why });
    rmSync(path);
    await expect(findTrace([path], 'req-1')).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message: why });
  });

  test('a part that is there both packed and unpacked is read once', async () => {
    write('x.log.1.gz', zlib.gzipSync(part(0, third)));
    write('x.log.1', part(0, third));
    const path = write('x.log', part(third, lines.length));
    expect(found(await findTrace([path], 'req-1')).traces[0].problems.duplicates).toBe(0);
  });

  test('parts of which the newest was moved away are still read', async () => {
    write('x.log.1', part(0, lines.length));
    expect(found(await findTrace([join(folder, 'x.log')], 'req-1')).traces).toHaveLength(1);
  });

  test('a file that is named twice is read once', async () => {
    const path = write('x.log', part(0, lines.length));
    const result = found(await findTrace([path, path, join(folder, '.', 'x.log')], 'req-1'));
    expect(result.read.files).toEqual([path]);
  });

  test('gzip is known by its bytes, in files and streams, in several members, and cut short', async () => {
    const packed = zlib.gzipSync(part(0, lines.length));
    const whole = buildTrace(log.records, { traceId: 'req-1', session: 's1' });
    expect(found(await findTrace([write('named.txt', packed)], 'req-1')).traces).toEqual([whole]);
    const bytes = Array.from(packed, (byte) => Buffer.from([byte]));
    expect(found(await findTrace([stream(...bytes)], 'req-1')).traces).toEqual([whole]);
    const members = Buffer.concat([zlib.gzipSync(part(0, third)), zlib.gzipSync(part(third, lines.length))]);
    expect(found(await findTrace([write('m.gz', members)], 'req-1')).traces).toEqual([whole]);
    const cut = await findTrace([write('cut.gz', packed.subarray(0, packed.length - 9))], 'req-1');
    expect(found(cut).traces).toHaveLength(1);
    const why = `cannot read ${join(folder, 'cut.gz')} to its end: it is cut short`;
    expect(cut.read.refused).toEqual([why]);
    expect((await listTraces([join(folder, 'cut.gz')])).read.refused).toEqual([why]);
    expect((await findTrace([join(folder, 'm.gz')], 'req-1')).read.refused).toEqual([]);
  });

  test('what cannot be read is an error that names the file and says why', async () => {
    const damaged = zlib.gzipSync(part(0, lines.length));
    damaged.fill(0xff, 20, 60);
    mkdirSync(join(folder, 'sub'));
    const cases = [
      [join(folder, 'absent.log'), 'there is no such file'],
      [join(folder, 'sub'), 'it is a directory'],
      [join(write('file', ''), 'x.log'), 'a part of the path is no directory'],
      [write('damaged.gz', damaged), 'it is damaged gzip'],
    ] as const;
    for (const [path, reason] of cases) {
      const message = `cannot read ${path}: ${reason}`;
      await expect(findTrace([path], 'req-1')).rejects.toMatchObject({ code: 'FILE_UNREADABLE', message });
    }
  });
});

describe('a request outside the times that are asked for', () => {
  test('is not found, and it is told when it was', async () => {
    const own = [published('evt-1', { timestamp: at(0) }), published('evt-2', { timestamp: at(900) })];
    const lines = `${toLines(own)}{"time":"${at(2_000)}","msg":"done","reqId":"req-1"}\n`;
    const path = write('x.log', lines);
    const late = await findTrace([path], 'req-1', { since: Date.parse(at(5_000)) });
    const start = Date.parse(at(0));
    expect(late).toMatchObject({ found: false, outside: { lines: 3, first: start, last: start + 2_000 } });
    expect(await findTrace([path], 'req-2', { since: start })).toMatchObject({ found: false, outside: undefined });
    expect(await findTrace([path], 'req-1', { since: start + 1_500 })).toMatchObject({ found: true, kind: 'timeline' });
  });
});

describe('statistics from a log', () => {
  test('count what happened, in the guide’s terms and for each subscription', async () => {
    const log = generateLog({ seed: 21, traces: 20 });
    const [stats] = (await logStats([write('x.log', toLines(log.records))])).sessions;
    const types = [...log.events.values()].map(({ type }) => type);
    const counts = Object.fromEntries(
      [...new Set(types)].map((type) => [type, types.filter((t) => t === type).length]),
    );
    expect(stats).toMatchObject({ session: 's1', scenario: 'generated', eventCounts: counts, deliveriesLogged: true });
    expect(stats).toMatchObject({ totalEventTypes: 4, totalSubscribers: 4, lost: 0 });
    const sum = (key: 'delivered' | 'failed' | 'dead' | 'dropped' | 'abandoned') =>
      stats?.subscriptions.reduce((total, each) => total + each[key], 0);
    const expected = (state: string) => [...log.deliveries.values()].filter((each) => each.state === state).length;
    expect(sum('delivered')).toBe(expected('done'));
    for (const key of ['failed', 'dead', 'dropped', 'abandoned'] as const) expect(sum(key)).toBe(expected(key));
    const errors = log.records.filter(({ event }) => event === 'event_handler_error').length;
    expect(Object.values(stats?.errorCounts ?? {}).reduce((a, b) => a + b, 0)).toBe(errors);
  });

  test('percentiles are exact', async () => {
    const records = Array.from({ length: 200 }, (_, index) =>
      completed(`dlv-${index}`, 'evt-1', { duration_ms: 200 - index }),
    );
    const [stats] = (await logStats([stream(toLines(records))])).sessions;
    expect(stats?.subscriptions[0]).toMatchObject({ p50: 100, p95: 190, p99: 198 });
  });

  test('a bus that closed, and so ended its subscriptions, still had them', async () => {
    const subscription = { event_type: 'index.started', subscription_id: 'sub-1', service: 'a', handler: 'b' };
    const records = [
      record('event_subscription', { ...subscription, total_subscribers: 1 }),
      record('event_subscription', { ...subscription, subscription_id: 'sub-2', total_subscribers: 2 }),
      record('event_unsubscription', { ...subscription, subscription_id: 'sub-2', total_subscribers: 1 }),
      published('evt-1'),
      record('event_unsubscription', { ...subscription, total_subscribers: 0 }),
    ];
    const [stats] = (await logStats([stream(toLines(records))])).sessions;
    expect(stats).toMatchObject({ totalEventTypes: 1, totalSubscribers: 1 });
  });

  test('come for each session, the newest first', async () => {
    const path = write('x.log', toLines([published('evt-1', { session: 'older' })]));
    appendFileSync(path, toLines([published('evt-2', { session: 'newer', timestamp: at(9) })]));
    const { sessions } = await logStats([path]);
    expect(sessions.map(({ session }) => session)).toEqual(['newer', 'older']);
    expect((await logStats([path], { session: 'older' })).sessions).toHaveLength(1);
  });
});
