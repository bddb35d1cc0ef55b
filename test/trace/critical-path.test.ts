import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import { buildTrace, type CriticalSegment, criticalPath, type Trace } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, failed, published, records, started, T0 } from '../support/records.js';
import { indexing, trouble } from './traces.js';

/** A handler's steps: work for so many milliseconds, or publish (at once) and wait for all that handles it. */
type Step =
  | { readonly kind: 'work'; readonly id: number; readonly ms: number }
  | { readonly kind: 'await'; readonly handlers: readonly Handler[] };
interface Handler {
  readonly id: number;
  readonly steps: readonly Step[];
  /** Published at its end, and not awaited. */
  readonly after: readonly Handler[];
}

interface Simulated {
  readonly end: number;
  readonly spans: Map<
    number,
    { readonly from: number; readonly to: number; readonly published: number; parent: number }
  >;
}

/** What a bus with unlimited concurrency makes of it; `faster` is a piece of work that takes a millisecond less. */
function simulate(root: Handler, faster: number): Simulated {
  const spans: Simulated['spans'] = new Map();
  let end = 0;
  const run = (handler: Handler, from: number, parent: number): number => {
    let time = from;
    for (const step of handler.steps) {
      if (step.kind === 'work') time += step.ms - (step.id === faster ? 1 : 0);
      else time = Math.max(time, ...step.handlers.map((child) => run(child, time, handler.id)));
    }
    spans.set(handler.id, { from, to: time, published: from, parent });
    end = Math.max(end, time);
    for (const child of handler.after) run(child, time, handler.id);
    return time;
  };
  run(root, 0, -1);
  return { end, spans };
}

/** The log of that simulation: each handler has an event of its own. */
function logOf({ spans }: Simulated): LogRecord[] {
  const moments: { readonly time: number; readonly rank: number; readonly record: LogRecord }[] = [];
  for (const [id, { from, to, published: time, parent }] of spans) {
    const led = parent < 0 ? {} : { causation_id: `evt-${parent}`, causation_delivery_id: `dlv-${parent}` };
    moments.push({ time, rank: 0, record: published(`evt-${id}`, { ...led, timestamp: at(time) }) });
    moments.push({ time: from, rank: 1, record: started(`dlv-${id}`, `evt-${id}`, { timestamp: at(from) }) });
    const ended = completed(`dlv-${id}`, `evt-${id}`, { timestamp: at(to), duration_ms: to - from });
    moments.push({ time: to, rank: 2, record: ended });
  }
  moments.sort((a, b) => a.time - b.time || a.rank - b.rank);
  return moments.map(({ record }, index) => ({ ...record, seq: index + 1 }));
}

const handlers = fc.letrec<{ handler: Handler; step: Step }>((tie) => ({
  // Long and odd lengths, so that no two ways through a request take equally long.
  step: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer({ min: 10, max: 1_000_000 }).map((ms): Step => ({ kind: 'work', id: 0, ms })),
    fc.array(tie('handler'), { minLength: 1, maxLength: 3 }).map((all): Step => ({ kind: 'await', handlers: all })),
  ),
  handler: fc.record({
    id: fc.constant(0),
    steps: fc
      .tuple(
        fc.integer({ min: 10, max: 1_000_000 }).map((ms): Step => ({ kind: 'work', id: 0, ms })),
        fc.array(tie('step'), { maxLength: 3 }),
      )
      .map(([first, rest]) => [first, ...rest]),
    after: fc.oneof({ maxDepth: 3 }, fc.constant<Handler[]>([]), fc.array(tie('handler'), { maxLength: 2 })),
  }),
}));

/** The same handler with ids, and the ids of all its work by handler. */
function numbered(root: Handler): { readonly root: Handler; readonly work: Map<number, Map<number, number>> } {
  let next = 0;
  const work = new Map<number, Map<number, number>>();
  const visit = (handler: Handler): Handler => {
    const id = ++next;
    const own = new Map<number, number>();
    work.set(id, own);
    const steps = handler.steps.map((step): Step => {
      if (step.kind === 'await') return { kind: 'await', handlers: step.handlers.map(visit) };
      own.set(++next, step.ms);
      return { ...step, id: next };
    });
    return { id, steps, after: handler.after.map(visit) };
  };
  return { root: visit(root), work };
}

function traceOf(all: readonly LogRecord[]): Trace {
  return buildTrace(all, { traceId: 'req-1', session: 's1' });
}

function timeBy(segments: readonly CriticalSegment[], kind: CriticalSegment['kind']): Map<string, number> {
  const times = new Map<string, number>();
  for (const { delivery, from, to, kind: its } of segments) {
    if (its === kind && delivery !== undefined) times.set(delivery.id, (times.get(delivery.id) ?? 0) + to - from);
  }
  return times;
}

/** Milliseconds since T0, as far as numbers of this size hold them. */
function offset(time: number): number {
  return Math.round((time - T0) * 10) / 10;
}

/** Kind, handler and offsets. */
function told(trace: Trace): string[] {
  return criticalPath(trace).map(({ kind, from, to, delivery }) =>
    `${offset(from)}-${offset(to)} ${kind} ${delivery?.id ?? ''}`.trim(),
  );
}

describe('the critical path', () => {
  test('is exactly the work that makes the request shorter when it takes less time (every piece of work tried)', () => {
    fc.assert(
      fc.property(handlers.handler, (handler) => {
        const { root, work } = numbered(handler);
        const simulated = simulate(root, -1);
        const expected = new Map<string, number>();
        for (const [id, pieces] of work) {
          const critical = [...pieces].filter(([piece]) => simulate(root, piece).end < simulated.end);
          const ms = critical.reduce((sum, [, length]) => sum + length, 0);
          if (ms > 0) expected.set(`dlv-${id}`, ms);
        }
        expect(timeBy(criticalPath(traceOf(logOf(simulated))), 'run')).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  test('fills the whole time of a trace without overlap, whatever happened in it', () => {
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const log = generateLog({ seed, traces: 1 });
        const trace = traceOf(log.records.slice(Math.floor(log.records.length * share * 0.5)));
        const segments = criticalPath(trace);
        for (const [index, { from, to }] of segments.entries()) {
          expect(to).toBeGreaterThan(from);
          if (index > 0) expect(from).toBe(segments[index - 1]?.to);
        }
      }),
    );
  });

  test('goes through queues, waits for a retry, and events that a handler published for later', () => {
    expect(told(records(...indexing()))).toEqual([
      '0-81 run dlv-1',
      '81-131 retry dlv-1',
      '131-343 run dlv-1',
      '343-363 delay dlv-1',
      '363-399 queue dlv-3',
      '399-411.4 run dlv-3',
    ]);
  });

  test('tells a gap where nothing in the log led from one thing to the next', () => {
    const trace = records(
      published('evt-1', { timestamp: at(0) }),
      started('dlv-1', 'evt-1', { timestamp: at(0) }),
      completed('dlv-1', 'evt-1', { timestamp: at(100), duration_ms: 100 }),
      published('evt-2', { timestamp: at(250) }),
      started('dlv-2', 'evt-2', { timestamp: at(250) }),
      failed('dlv-2', 'evt-2', { timestamp: at(300), duration_ms: 50 }),
    );
    expect(told(trace)).toEqual(['0-100 run dlv-1', '100-250 gap', '250-300 run dlv-2']);
  });

  test('holds what took less than a millisecond, whichever milliseconds it fell into', () => {
    for (const [begun, over, ms] of [
      [0, 0, 0.4],
      [1, 1, 0.4],
      [1, 2, 0.9],
      [0, 1, 0.1],
    ] as const) {
      const trace = records(
        published('evt-1', { timestamp: at(0) }),
        started('dlv-1', 'evt-1', { timestamp: at(begun) }),
        completed('dlv-1', 'evt-1', { timestamp: at(over), duration_ms: ms }),
      );
      expect(criticalPath(trace).at(-1)).toMatchObject({ kind: 'run' });
    }
  });

  test('leads to what still runs when the log ends', () => {
    const segments = criticalPath(records(...trouble()));
    expect(segments.at(-1)).toMatchObject({ kind: 'run' });
    expect(criticalPath(records())).toEqual([]);
  });
});

test('a request of more events than a call takes arguments has one, too', () => {
  const template = published('evt-0', { subscriber_count: 0 });
  const all = Array.from(
    { length: 130_000 },
    (_, n): LogRecord => ({ ...template, seq: n + 1, event_id: `evt-${n}`, timestamp: at(Math.floor(n / 1_000)) }),
  );
  const path = criticalPath(buildTrace(all, { traceId: 'req-1', session: 's1' }));
  expect(path.at(-1)?.to).toBe(T0 + 129);
});
