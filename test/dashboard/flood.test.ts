/** More records than can be read: all are counted, and what is shown of them is whole. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Data, emptyData, findTrace } from '../../src/dashboard/data/data.js';
import { ingest } from '../../src/dashboard/data/ingest.js';
import { ingestLines } from '../../src/dashboard/data/ingest-lines.js';
import { lastSeconds } from '../../src/dashboard/data/series.js';
import { logRows } from '../../src/dashboard/select/log.js';
import { LineScanner, type LogRecord } from '../../src/record/index.js';
import { linesOf, Pen, SESSION } from './support/records.js';
import { emptyModel, frameOf, lived, press, send } from './support/screen.js';
import { World } from './support/world.js';

const scanner = new LineScanner(SESSION);

/** Takes `records` as lines, a batch at a time. */
function takeLines(records: readonly LogRecord[], readable: number, sizes: readonly number[] = [records.length]): Data {
  let data = emptyData;
  for (let from = 0, turn = 0; from < records.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1;
    const bytes = Buffer.from(linesOf(records.slice(from, from + size)));
    data = ingestLines(data, { bytes, readable, scanner }, 0);
    from += size;
  }
  return data;
}

/** All that is a number on the screen. */
function figures(data: Data): unknown {
  const { total, seq, leftOut, events, errors, controls, life, began, time, traces } = data;
  return {
    ...{ total, seq, leftOut, events, errors, controls, life, began, time },
    requests: traces.began,
    published: lastSeconds(data.published, time, 60),
    failures: lastSeconds(data.failures, time, 60),
    types: [...data.types.values()].map(({ last, series, ...rest }) => ({
      ...rest,
      series: lastSeconds(series, time, 60),
    })),
    subscribers: [...data.subscribers.values()].map(({ lastError, ...rest }) => rest),
  };
}

const { records } = new World({ trouble: 4, rate: 60 }).run(6_000).pen;

test('every record is counted as if it had been read, however few are and however they are cut into batches', () => {
  const whole = figures(ingest(emptyData, records));
  const sizes = fc.array(fc.integer({ min: 1, max: 1_500 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.nat(300), sizes, (readable, cuts) => {
      expect(figures(takeLines(records, readable, cuts))).toEqual(whole);
    }),
    { numRuns: 30 },
  );
});

test('few lines are read as records: nothing is only counted', () => {
  const data = takeLines(records.slice(0, 100), 1_000);
  expect(data.unread).toBe(0);
  expect(data.records.map(({ record }) => record)).toEqual(records.slice(0, 100));
});

test('lines only counted are told apart from those that can be looked at', () => {
  const data = takeLines(records, 100);
  expect(data.unread).toBeGreaterThan(records.length / 2);
  expect(data.records.length).toBe(Math.min(2_000, data.total - data.unread));
});

test('a request that is followed from its beginning has all its counts, and a flood ends for it as for others', () => {
  const exact = ingest(emptyData, records).traces;
  for (const readable of [0, 50, 400]) {
    const { traces } = takeLines(records, readable, [700]);
    expect(traces.recent.size).toBeGreaterThan(5);
    for (const trace of [...traces.recent.values()].filter(({ partial }) => !partial)) {
      const { records: _, ...counts } = trace;
      expect(findTrace(exact, trace.key)).toMatchObject(counts);
    }
  }
});

test('requests that are not followed are counted', () => {
  const { recent, failed, slow, began, skipped } = takeLines(records, 50, [700]).traces;
  const followed = [...recent.values(), ...failed.values(), ...slow.values()];
  expect(followed.filter(({ partial }) => !partial).length + skipped).toBe(began);
});

test('a request that fails is there from its beginning, though nobody followed it', () => {
  const pen = new Pen().started();
  const handler = { handler: 'index_repository' };
  const begin = (trace: string) => pen.publish('index.started', trace);
  for (let index = 0; index < 500; index++) pen.handle(begin(`req-${index}`), 'index.started', `req-${index}`, handler);
  pen.handle(begin('req-bad'), 'index.started', 'req-bad', { ...handler, error: 'disk full' });
  for (let index = 500; index < 900; index++)
    pen.handle(begin(`req-${index}`), 'index.started', `req-${index}`, handler);
  const data = takeLines(pen.records, 100);
  const bad = findTrace(data.traces, 'req-bad');
  expect(bad).toMatchObject({ partial: false, errors: 1, lost: 1, recordCount: 3 });
  expect(bad?.records.map(({ record }) => record.event)).toEqual([
    'event_published',
    'event_handler_start',
    'event_handler_error',
  ]);
  expect(data.problems.map(({ record }) => record.trace_id)).toEqual(['req-bad']);
});

test('the log says how many records it only counted, and a filter by trace finds what the trace has', async () => {
  const model = emptyModel({ columns: 120, rows: 40 });
  const bytes = Buffer.from(linesOf(records));
  const flooded = send(model, { kind: 'lines', lines: { bytes, readable: 100, scanner }, dropped: 0 });
  expect((await frameOf(flooded)).join('\n')).toMatch(/5 Log \d+\]─+ \d+ only counted, following/);
  expect((await frameOf(lived(2_000, { columns: 120, rows: 40 }))).join('\n')).not.toContain('only counted');
  for (const trace of flooded.data.traces.recent.values()) {
    const { rows } = logRows(press(flooded, '/', `trace:${trace.id}`, 'enter'));
    expect(rows.map(({ record }) => record)).toEqual(trace.records.map(({ record }) => record));
  }
});

test('what no scanner knows is read: sessions, switches, ids that JSON writes otherwise', () => {
  const pen = new Pen().started();
  for (let index = 0; index < 300; index++) pen.publish('index.started', `req "${index}"`);
  pen.control('pause', 'bus');
  const data = takeLines(pen.records, 0);
  expect(data.controls.busPaused).toBe(true);
  expect(data.session?.scenario).toBe('Index a repository');
  expect([data.events, data.unread]).toEqual([300, 0]);
});

test('lines of a program that is none of ours are passed over', () => {
  const bytes = Buffer.from(`not JSON\n{"msg":"hello"}\n${linesOf(records.slice(0, 5))}`);
  expect(ingestLines(emptyData, { bytes, readable: 0, scanner }, 0).total).toBe(5);
});
