import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import {
  type FindOptions,
  findTrace,
  indexLogs,
  type LogGap,
  type LogInput,
  readTraces,
  renderTree,
  traceJson,
} from '../../src/trace/index.js';
import { at, completed, published, record, records, started, T0 } from '../support/records.js';

const gap = (seq: number, lost: number, session = 's1') =>
  record('log_gap', { seq, lost, session, timestamp: at(seq * 10) });
const time = (seq: number) => ({ seq, timestamp: at(seq * 10) });

/** A request of four records, `seq` 10 to 40. */
const request = [
  published('evt-1', time(10)),
  started('dlv-1', 'evt-1', time(20)),
  completed('dlv-1', 'evt-1', time(30)),
  published('evt-2', { ...time(40), causation_id: 'evt-1', subscriber_count: 0 }),
];

describe('records that were lost', () => {
  const gapsOf = (...all: readonly LogRecord[]) => records(...all).gaps.map(({ seq, lost }) => [seq, lost]);

  test('while a request was under way are told of; others are not', () => {
    expect(gapsOf(...request)).toEqual([]);
    expect(gapsOf(...request, gap(25, 4))).toEqual([[25, 4]]);
    expect(gapsOf(gap(25, 4), ...request, gap(5, 3), gap(60, 3), gap(33, 1, 's2'))).toEqual([[25, 4]]);
    // The first of them were lost before its last record.
    expect(gapsOf(...request, gap(48, 9))).toEqual([[48, 9]]);
    expect(gapsOf(...request, gap(25, 4), gap(25, 4))).toEqual([[25, 4]]);
  });

  test('after a request that has not ended may hold its ending', () => {
    expect(gapsOf(...request.slice(0, 2), gap(500, 7))).toEqual([[500, 7]]);
  });

  test('are in the header and in JSON, with when and how many', () => {
    const one = records(...request, gap(25, 4));
    const options = { width: 120, color: false, ascii: false };
    expect(renderTree(one, options)).toContain(
      'gap          4 records were lost at 10:00:00.250; this trace may be incomplete',
    );
    expect(traceJson(one).gaps).toEqual([{ seq: 25, timestamp: at(250), lost: 4 }]);
    expect(renderTree(records(...request, gap(25, 1)), options)).toContain('1 record was lost at');
    expect(renderTree(records(...request, gap(25, 1), gap(28, 2), gap(35, 2)), options)).toContain(
      '5 records were lost in 3 places between 10:00:00.250 and 10:00:00.350; this trace may be incomplete',
    );
    const whole = records(...request);
    expect(renderTree(whole, options)).not.toContain('lost');
    expect(traceJson(whole).gaps).toEqual([]);
  });
});

describe('in logs', () => {
  let folder: string;
  let log: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cf-bus-gaps-'));
    log = join(folder, 'x.log');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const text = (all: readonly LogRecord[]) => all.map((each) => `${JSON.stringify(each)}\n`).join('');
  /** Other requests, so that the log is large. */
  const others = (megabytes: number) => {
    const line = JSON.stringify(published('evt-9', { trace_id: 'req-9', seq: 22, timestamp: at(220) }));
    return `${line}\n`.repeat(Math.ceil((megabytes * 1e6) / line.length));
  };
  async function gapsIn(inputs: readonly LogInput[], options: FindOptions = {}): Promise<readonly LogGap[]> {
    const result = await findTrace(inputs, 'req-1', options);
    if (!result.found || result.kind !== 'trace') throw new Error('no trace');
    return result.traces[0].gaps;
  }
  const expected = [{ seq: 25, lost: 4, time: T0 + 250 }];
  const small = () => text([...request.slice(0, 2), gap(25, 4), ...request.slice(2), gap(60, 1)]);

  test('are found in a small one, in standard input, packed, and in a rotated set', async () => {
    writeFileSync(log, small());
    expect(await gapsIn([log])).toEqual(expected);
    const stream = (async function* () {
      yield gzipSync(small());
    })();
    expect(await gapsIn([{ name: 'standard input', stream }])).toEqual(expected);
    renameSync(log, `${log}.1`);
    writeFileSync(log, text([published('evt-3', { ...time(70), causation_id: 'evt-1', subscriber_count: 0 })]));
    expect(await gapsIn([log])).toEqual([...expected, { seq: 60, lost: 1, time: T0 + 600 }]);
  });

  test('are found in a large one, with an index and without', async () => {
    const begin = text(request.slice(0, 2)) + others(5);
    writeFileSync(log, `${others(5)}${begin}${text([gap(25, 4)])}${others(5)}${text(request.slice(2))}${others(5)}`);
    expect(await gapsIn([log])).toEqual(expected);
    const cacheFolder = join(folder, 'cache');
    await indexLogs([log], { cacheFolder, now: T0 });
    expect(await gapsIn([log], { cacheFolder })).toEqual(expected);
    // One part of a rotated set ends, another begins within the request.
    renameSync(log, `${log}.1`);
    writeFileSync(log, `${others(5)}${text([gap(38, 2)])}${text([published('evt-3', time(50))])}`);
    expect(await gapsIn([log])).toEqual([...expected, { seq: 38, lost: 2, time: T0 + 380 }]);
  });

  test('are not looked for in hundreds of megabytes without an index, and that is told', async () => {
    writeFileSync(log, `${text(request.slice(0, 2))}${others(140)}${text([gap(25, 4)])}${text(request.slice(2))}`);
    const plain = await findTrace([log], 'req-1');
    expect(plain.read.gapsUnknown).toBeGreaterThan(140e6);
    const cacheFolder = join(folder, 'cache');
    await indexLogs([log], { cacheFolder, now: T0 });
    const indexed = await findTrace([log], 'req-1', { cacheFolder });
    expect(indexed.read.gapsUnknown).toBe(0);
    expect(await gapsIn([log], { cacheFolder })).toEqual(expected);
  });

  test('are told of with each trace that is read', async () => {
    writeFileSync(log, small());
    for await (const trace of readTraces([log])) expect(trace.gaps).toEqual(expected);
  });
});
