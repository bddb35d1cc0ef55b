import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildTrace, type ReadTracesOptions, readTraces, type Trace } from '../../src/trace/index.js';
import { generateLog, toLines } from '../support/log-generator.js';
import { published } from '../support/records.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-read-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function all(path: string, options?: ReadTracesOptions): Promise<Trace[]> {
  const traces: Trace[] = [];
  for await (const trace of readTraces([path], options)) traces.push(trace);
  return traces;
}

const names = (traces: readonly Trace[]) => traces.map(({ traceId }) => traceId);

describe('all traces of a log', () => {
  test('are what each is by itself', async () => {
    const log = generateLog({ seed: 3, traces: 40 });
    const traces = await all(write('x.log', toLines(log.records)), { quietMs: Number.POSITIVE_INFINITY });
    expect(names(traces).toSorted()).toEqual(log.traceIds.toSorted());
    for (const trace of traces) expect(trace).toEqual(buildTrace(log.records, trace));
  });

  test('are given as soon as they are quiet, before the rest of the log is read', async () => {
    const record = (id: string, second: number) =>
      published(`evt-${id}-${second}`, {
        trace_id: id,
        seq: second,
        timestamp: new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString(),
        payload: { text: 'x'.repeat(1_000_000) },
      });
    const records = [record('req-1', 0), record('req-2', 1), record('req-1', 2)];
    for (let second = 100; second < 130; second++) records.push(record('req-3', second));
    const path = write('x.log', toLines([...records, record('req-1', 200)]));
    let first: Trace | undefined;
    for await (const trace of readTraces([path], { quietMs: 10_000 })) {
      first = trace;
      // What is never asked for is never read: the file may change.
      break;
    }
    expect(first).toMatchObject({ traceId: 'req-2' });
    const later = await all(path, { quietMs: 10_000 });
    expect(names(later)).toEqual(['req-2', 'req-1', 'req-3', 'req-1']);
    expect(later.map(({ events }) => events.length)).toEqual([1, 2, 30, 1]);
  });

  test('are those of one session where one is asked for, and of each where not, also in virtual time', async () => {
    const logs = ['a', 'b'].flatMap((session) => generateLog({ seed: 1, session, traces: 3 }).records);
    const path = write('x.log', toLines(logs));
    expect(await all(path)).toHaveLength(6);
    expect(new Set((await all(path, { session: 'b' })).map(({ session }) => session))).toEqual(new Set(['b']));
  });
});
