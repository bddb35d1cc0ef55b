import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LogRecord, parseLine } from '../../src/record/index.js';
import {
  analyse,
  buildTrace,
  findNewest,
  findTrace,
  type ListKey,
  type ListOptions,
  listTraces,
} from '../../src/trace/index.js';
import { RecordScanner } from '../../src/trace/listing/record-scanner.js';
import { sortRows } from '../../src/trace/listing/sort-rows.js';
import { hashOf } from '../../src/trace/listing/trace-table.js';
import { isDeliveryRecord, isTraceRecord } from '../../src/trace/trace-records.js';
import { generateLog, toLines } from '../support/log-generator.js';
import { at, completed, ended, failed, published, started, T0 } from '../support/records.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-list-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function listed(path: string, options: ListOptions = {}, key?: ListKey) {
  const list = await listTraces([path], options);
  return { ...list, traces: [...list.listings(key)] };
}

/** As no logger writes them, so that each line has to be parsed. */
function spaced(records: readonly LogRecord[]): string {
  return records.map((record) => `${JSON.stringify(record).replace(/^\{/, '{ ')}\n`).join('');
}

describe('the list of traces', () => {
  test('tells no time of a trace whose lines tell none, and has it before the others', async () => {
    const [untimed, timed] = [
      '{"reqId":"r-1","msg":"a"}',
      '{"reqId":"r-2","msg":"b","time":"2026-11-23T08:00:00.1234Z"}',
    ];
    const path = write('x.log', `${timed}\n${timed.replace('r-2', 'r-3').replace('1234', '1231')}\n${untimed}\n`);
    const all = await listed(path);
    expect(all.traces.map(({ traceId, startTime }) => [traceId, startTime])).toEqual([
      ['r-1', undefined],
      ['r-3', Date.parse('2026-11-23T08:00:00Z') + 123.1],
      ['r-2', Date.parse('2026-11-23T08:00:00Z') + 123.4],
    ]);
    expect(all.newest?.traceId).toBe('r-2');
    expect((await listed(path, { until: Number.MAX_SAFE_INTEGER })).size).toBe(2);
    const small = { endBytes: 70 };
    expect(await findNewest([path], small)).toMatchObject({ found: true, timeline: { traceId: 'r-2' } });
  });

  test('agrees with each trace by itself, whether its lines are scanned or parsed', async () => {
    for (const seed of [12, 13, 14]) {
      const log = generateLog({ seed, traces: 25 });
      const { traces, read } = await listed(write('x.log', toLines(log.records)));
      expect(traces.map(({ traceId }) => traceId).toSorted()).toEqual([...log.traceIds].toSorted());
      expect(read.records).toBe(log.records.length);
      for (const each of traces) {
        const trace = buildTrace(log.records, each);
        const { outcome, counts, startTime } = analyse(trace);
        expect(each).toMatchObject({
          ...{ outcome, startTime, events: counts.events, errors: counts.errors, deliveries: counts.deliveries },
          rootType: trace.roots[0]?.type,
        });
      }
      const parsed = await listed(write('y.log', spaced(log.records)));
      expect(parsed.traces).toEqual(traces);
      expect(parsed.read.records).toBe(read.records);
    }
  });

  test('has one entry for each session of an id, by start, or those of one session', async () => {
    const old = generateLog({ seed: 1, session: 'older', startTime: Date.UTC(2026, 0, 1), traces: 2 });
    const young = generateLog({ seed: 2, session: 'newer', startTime: Date.UTC(2026, 0, 2), traces: 2 });
    const path = write('x.log', toLines([...young.records, ...old.records]));
    const { traces } = await listed(path);
    expect(traces.map(({ session }) => session)).toEqual(['older', 'older', 'newer', 'newer']);
    expect((await listed(path, { session: 'newer' })).size).toBe(2);
  });

  test('is in the order that is asked for, of equal ones the earlier first, and of those that failed alone', async () => {
    const trace = (id: string, seq: number, took: number, errors: number) => [
      published(`evt-${id}`, { trace_id: id, seq, timestamp: at(seq) }),
      ...Array.from({ length: errors }, (_, index) =>
        failed(`dlv-${id}${index}`, `evt-${id}`, { trace_id: id, seq: seq + 1, timestamp: at(seq + 1) }),
      ),
      completed(`dlv-${id}`, `evt-${id}`, { trace_id: id, seq: seq + 2, timestamp: at(seq + took), duration_ms: 0 }),
    ];
    const all = [...trace('a', 10, 9, 2), ...trace('b', 20, 5, 0), ...trace('c', 30, 9, 1), ...trace('d', 40, 1, 0)];
    const path = write('x.log', toLines(all));
    const order = async (key?: ListKey, options?: ListOptions) =>
      (await listed(path, options, key)).traces.map(({ traceId }) => traceId).join('');
    expect(await order()).toBe('abcd');
    expect(await order('duration')).toBe('dbac');
    expect(await order('errors')).toBe('bdca');
    expect(await order('start', { failed: true })).toBe('ac');
    expect(await order('start', { since: T0 + 20, until: T0 + 30 })).toBe('bc');
  });

  test('that is full says what it leaves out', async () => {
    const texts: string[] = [];
    for (let index = 0; index < 50_000; index++) {
      const fields = { trace_id: `req-${index}`, seq: index, timestamp: at(index), subscriber_count: 0 };
      texts.push(JSON.stringify(published(`evt-${index}`, fields)));
    }
    texts.push(JSON.stringify(published('evt-x', { trace_id: 'req-7', seq: 60_000, timestamp: at(60_000) })));
    const path = write('x.log', `${texts.join('\n')}\n`);
    const all = await listed(path);
    expect(all.size).toBe(50_000);
    expect(all.leftOut.lines).toBe(0);
    expect(all.traces[49_999]).toMatchObject({ traceId: 'req-49999', startTime: T0 + 49_999, events: 1 });
    const few = await listed(path, { most: 20_000 });
    expect(few.size).toBe(20_000);
    expect(few.leftOut).toEqual({ lines: 30_000, from: T0 + 20_000 });
    // What is in it is told whole.
    expect(few.traces[7]).toMatchObject({ traceId: 'req-7', events: 2, durationMs: 59_993 });
  });

  test('has requests in lines of other programs, with their time, lines and errors', async () => {
    const line = (second: number, level: string, id: string, msg: string) =>
      JSON.stringify({ level, time: `2025-01-01T10:00:0${second}Z`, msg, request_id: id });
    const lines = [
      line(1, 'info', 'req-1', 'GET /'),
      line(2, 'info', 'req-2', 'POST /cart'),
      line(3, 'error', 'req-1', 'no db'),
      '{"msg":"no id"}',
      line(9, 'info', 'req-1', 'done'),
    ];
    const path = write('app.log', `${lines.join('\n')}\n`);
    const { traces, read } = await listed(path);
    const start = Date.UTC(2025, 0, 1, 10);
    expect(traces).toEqual([
      {
        ...{ traceId: 'req-1', session: '', startTime: start + 1_000, durationMs: 8_000, events: 0, deliveries: 0 },
        ...{ lines: 3, errors: 1, rootType: 'GET /', outcome: 'failed' },
      },
      {
        ...{ traceId: 'req-2', session: '', startTime: start + 2_000, durationMs: 0, events: 0, deliveries: 0 },
        ...{ lines: 1, errors: 0, rootType: 'POST /cart', outcome: 'unknown' },
      },
    ]);
    expect(read.foreign).toBe(1);
    expect((await listed(path, { since: start + 2_000 })).size).toBe(1);
    expect((await listed(path, { until: start + 1_500 })).size).toBe(1);
    expect((await listed(path, { field: 'msg' })).traces.map(({ traceId }) => traceId)).toContain('no db');
  });

  test('has what each of many thousand requests began with', async () => {
    const texts: string[] = [];
    for (let index = 0; index < 12_000; index++) texts.push(`{"msg":"GET /é/${index}","reqId":"r-${index}"}`);
    texts.push(`{"msg":"${'x'.repeat(500)}","reqId":"long"}`);
    const { traces } = await listed(write('x.log', `${texts.join('\n')}\n`));
    expect(traces[11_999]).toMatchObject({ traceId: 'r-11999', rootType: 'GET /é/11999' });
    expect(traces[12_000]?.rootType).toMatch(/^x{100,}$/);
  });
});

describe('rows', () => {
  test('are in the order of a plain sort, whatever lies between their values', () => {
    const values = fc.oneof(
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 0, max: 5_000 }).map((thousandths) => thousandths / 1_000),
      fc.constantFrom(1.8e12, 1.8e12 + 1, 4e12),
    );
    fc.assert(
      fc.property(fc.array(values, { maxLength: 30 }), (all) => {
        const rows = Uint32Array.from(all, (_, index) => index);
        const far = Math.max(...all) - Math.min(...all) > 2 ** 42 / 1_000;
        const key = (row: number) => (far ? Math.round((all[row] ?? 0) - Math.min(...all)) : (all[row] ?? 0));
        expect([...sortRows(rows, (row) => all[row] ?? 0)]).toEqual([...rows].sort((a, b) => key(a) - key(b)));
      }),
    );
  });
});

describe('a line that is scanned', () => {
  const scanner = new RecordScanner();
  const scan = (line: string) => {
    const bytes = Buffer.from(`..${line}..`);
    return scanner.scan(bytes, 2, bytes.length - 2) ? bytes : undefined;
  };

  const text = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom('é', '"', '\\', '\n', '{', ','));
  const number = fc.oneof(fc.nat(), fc.constantFrom(0.125, 12.345, -1, 1e21, 0));
  const base = fc.constantFrom(
    published('evt-1', { causation_id: 'evt-0' }),
    started('dlv-1', 'evt-1'),
    completed('dlv-1', 'evt-1', { duration_ms: 12.345 }),
    failed('dlv-1', 'evt-1', { will_retry: true }),
    ended('dead', 'dlv-1', 'evt-1'),
  );
  const changes = fc.dictionary(
    fc.constantFrom('trace_id', 'session', 'seq', 'attempt', 'timestamp', 'level', 'event', 'note', 'payload'),
    fc.oneof(text, number, fc.constantFrom(null, true, ['a'], { a: 1 }, undefined)),
    { maxKeys: 2 },
  );

  test('says what it says parsed, and no other line is taken for one', () => {
    fc.assert(
      fc.property(base, changes, fc.boolean(), (record, changed, reverse) => {
        const entries = Object.entries({ ...record, ...changed });
        const line = JSON.stringify(Object.fromEntries(reverse ? entries.reverse() : entries));
        const bytes = scan(line);
        if (bytes === undefined) return;
        const parsed = parseLine(line);
        if (parsed.kind !== 'record' || !isTraceRecord(parsed.record)) throw new Error(`no record: ${line}`);
        const told = parsed.record;
        expect(scanner.kind).toBe(told.event);
        expect(scanner.seq).toBe(told.seq);
        expect(scanner.time).toEqual(Date.parse(told.timestamp));
        const piece = ({ from, to }: { from: number; to: number }) => bytes.toString('utf8', from, to);
        expect([piece(scanner.traceId), piece(scanner.session)]).toEqual([told.trace_id, told.session]);
        expect(scanner.eventType).toBe(told.event_type);
        if (!isDeliveryRecord(told)) return;
        const id = Buffer.from(told.delivery_id);
        expect(scanner.delivery).toBe(hashOf(id, 0, id.length));
        expect(scanner.attempt).toBe(told.attempt);
        if (told.event === 'event_handler_error') expect(scanner.willRetry).toBe(told.will_retry);
        const timed = told.event === 'event_handler_complete' || told.event === 'event_handler_error';
        if (timed) expect(scanner.tookMs).toBe(told.queued_ms + told.duration_ms);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is one that the recorder writes', () => {
    const log = generateLog({ seed: 5, traces: 20 });
    const records = log.records.filter((record) => isTraceRecord(record));
    const scanned = records.filter((record) => scan(JSON.stringify(record)) !== undefined);
    expect(scanned.length).toBeGreaterThan(records.length * 0.9);
  });

  test('is whole: any part of it, and any line with a byte too many, is parsed', () => {
    const line = JSON.stringify(failed('dlv-1', 'evt-1'));
    expect(scan(line)).toBeDefined();
    for (let length = 0; length < line.length; length++) expect(scan(line.slice(0, length))).toBeUndefined();
    for (const odd of [
      `${line} `,
      ` ${line}`,
      `${line}}`,
      line.replace('"seq":', '"seq":0'),
      line.replace(':', ': '),
    ]) {
      expect(scan(odd), odd).toBeUndefined();
    }
    expect(scan(line.replace('"attempt":1', '"attempt":1e2'))).toBeUndefined();
    expect(scan(line.replace('{', '{"seq":5,'))).toBeUndefined();
  });
});

describe('the newest request', () => {
  const request = (id: string, ms: number, outcome: 'ok' | 'failed' = 'ok') => {
    const fields = (after: number) => ({ trace_id: id, seq: ms + after, timestamp: at(ms + after) });
    const end = outcome === 'ok' ? completed : failed;
    return [
      published(`evt-${id}`, fields(0)),
      started(`dlv-${id}`, `evt-${id}`, fields(1)),
      end(`dlv-${id}`, `evt-${id}`, fields(2)),
    ];
  };
  const many = (from: number, to: number) =>
    toLines(Array.from({ length: to - from }, (_, index) => request(`r-${from + index}`, (from + index) * 10)).flat());
  const newest = async (paths: readonly string[], options: Parameters<typeof findNewest>[1] = {}) => {
    const found = await findNewest(paths, { endBytes: 20_000, ...options });
    if (!found.found) return undefined;
    return found.kind === 'trace' ? found.traces[0].traceId : found.timeline.traceId;
  };

  test('is found at the end of the log, and anywhere else', async () => {
    const bad = toLines(request('bad', 1_000, 'failed'));
    const path = write('x.log', `${many(0, 100)}${bad}${many(101, 400)}`);
    expect(await newest([path])).toBe('r-399');
    expect(await newest([path], { failed: true })).toBe('bad');
    expect(await newest([path], { until: T0 + 500 })).toBe('r-50');
    expect(await newest([path], { since: T0 + 3_985 })).toBe('r-399');
    expect(await newest([path], { since: T0 + 9_999 })).toBeUndefined();
    expect(await newest([path], { session: 'other' })).toBeUndefined();
  });

  test('is not one that only goes on at the end', async () => {
    const [first, ...rest] = request('long', 5);
    const path = write('x.log', `${toLines(first === undefined ? [] : [first])}${many(1, 300)}${toLines(rest)}`);
    expect(await newest([path])).toBe('r-299');
    const lines = (id: string, from: number, to: number) =>
      Array.from({ length: to - from }, (_, index) => `{"time":${T0 + (from + index)},"msg":"m","reqId":"${id}"}\n`);
    const other = write(
      'y.log',
      [...lines('long', 0, 1), ...lines('short', 1, 900), ...lines('long', 900, 901)].join(''),
    );
    expect(await newest([other])).toBe('short');
  });

  test('of several logs is the newest of all', async () => {
    const one = write('a.log', many(0, 300));
    const two = write('b.log', many(1_000, 1_300));
    expect(await newest([one, two])).toBe('r-1299');
    expect(await newest([two, one])).toBe('r-1299');
    const result = await findNewest([one, two], { endBytes: 20_000 });
    const whole = await findTrace([one, two], 'r-1299');
    expect(result.found && whole.found && result.timeline).toEqual(whole.found && whole.timeline);
  });
});
