import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventBus } from '../../src/bus/index.js';
import { VirtualClock } from '../../src/kernel/index.js';
import type { Expectation } from '../../src/scenario/index.js';
import { Judge } from '../../src/simulator/expectations/judge.js';
import { story, verdicts } from './support.js';

const SERVICES = `
services:
  indexer:
    handlers:
      work:
        subscribe: started
        concurrency: 1
        delay: 100ms
        faults: [{ type: down, from: 1s, until: 2s }]
        publish: [{ type: completed }]
      audit: { subscribe: started, concurrency: 1, queue: { size: 0, overflow: drop_newest }, delay: 150ms }`;
/** Four requests at 0, 100, 1000 and 1100 ms; the handler is down for the last two. */
const REQUESTS = `
requests: [{ name: one, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: started } }] }]
phases: [{ arrival_count: 2, duration: 200ms }, { pause: 800ms }, { arrival_count: 2, duration: 200ms }]`;

async function judged(expectations: string) {
  const { result } = await story(`${SERVICES}\n${REQUESTS}\nexpect: ${expectations}`);
  return result;
}

test('after: passes in all traces, fails where the event is missing, late or the other way round, and names the traces', async () => {
  const result = await judged(`
  - { event: completed, after: started }
  - { event: completed, after: started, within: 99ms }
  - { event: started, after: completed }
  - { event: started, after: elsewhere }
  - { event: "**", after: completed }`);
  expect(verdicts(result)).toEqual([
    'failed: completed did not follow started in 2 of 4 traces: 2 never',
    'failed: completed did not follow started within 99ms in 4 of 4 traces: 2 never, 2 too late, after up to 100ms',
    'failed: started did not follow completed in 2 of 2 traces: 2 the other way round',
    'inconclusive: no trace had elsewhere',
    'failed: ** did not follow completed in 2 of 2 traces: 2 the other way round',
  ]);
  // In the order in which they were found: the audit of t-4 was dropped, so that it ended first.
  expect(result.expectations.map(({ traces }) => traces)).toEqual([
    { ids: ['t-4', 't-3'], count: 2 },
    { ids: ['t-1', 't-2', 't-4', 't-3'], count: 4 },
    { ids: ['t-1', 't-2'], count: 2 },
    { ids: [], count: 0 },
    { ids: ['t-1', 't-2'], count: 2 },
  ]);
  expect(result.passed).toBe(false);
});

test('after: an event exactly in time is in time', async () => {
  const result = await judged('[{ event: completed, after: started, within: 100ms }]');
  expect(verdicts(result)[0]).toBe('failed: completed did not follow started within 100ms in 2 of 4 traces: 2 never');
});

test('count and never are over the run, and name the traces of what was too much', async () => {
  const result = await judged(`
  - { event: completed, count: { min: 1, max: 2 } }
  - { event: completed, count: 3 }
  - { event: started, count: { max: 2 } }
  - { never: nothing }
  - { never: completed }`);
  expect(verdicts(result)).toEqual([
    'passed: completed was published 2 times',
    'failed: completed was published 2 times, expected 3',
    'failed: started was published 4 times, expected at most 2',
    'passed: nothing was never published',
    'failed: completed was published 2 times, expected not at all',
  ]);
  expect(result.expectations.map(({ traces }) => traces.ids)).toEqual([[], [], ['t-3', 't-4'], [], ['t-1', 't-2']]);
});

test('metrics of a handler and of the run, with the traces that speak against them', async () => {
  const result = await judged(`
  - { metric: work.p50, below: 90ms, above: 1ms }
  - { metric: indexer.work.p99, below: 200ms }
  - { metric: work.error_rate, below: 50% }
  - { metric: work.error_rate, below: 51% }
  - { metric: error_rate, below: 10% }
  - { metric: audit.dropped, below: 1 }
  - { metric: dropped, above: 1 }
  - { metric: work.dead, below: 1 }
  - { metric: work.queued, below: 1 }`);
  expect(verdicts(result)).toEqual([
    'failed: work.p50 is 0ms, expected above 1ms',
    // Percentiles are within 1.6 %.
    expect.stringMatching(/^passed: indexer\.work\.p99 is (?:99|100|101)ms$/),
    'failed: work.error_rate is 50%, expected below 50%',
    'passed: work.error_rate is 50%',
    'failed: error_rate is 25%, expected below 10%',
    'failed: audit.dropped is 2, expected below 1',
    'passed: dropped is 2',
    'passed: work.dead is 0',
    'passed: work.queued is 0',
  ]);
  const traces = result.expectations.map((judgement) => judgement.traces.ids);
  expect(traces[2]).toEqual(['t-3', 't-4']);
  expect(traces[4]).toEqual(['t-3', 't-4']);
  expect(traces[5]).toEqual(['t-2', 't-4']);
});

test('a metric of a handler that handled nothing is inconclusive, and that alone fails no run', async () => {
  const { result } = await story(`
services: { a: { handlers: { idle: { subscribe: never }, busy: { subscribe: go } } } }
requests: [{ name: one, flow: [{ publish: { type: go } }] }]
expect: [{ metric: idle.p95, below: 1s }, { metric: idle.dead, below: 1 }]`);
  expect(verdicts(result)).toEqual([
    'inconclusive: idle.p95 is unknown: nothing was handled',
    'passed: idle.dead is 0',
  ]);
  expect(result.passed).toBe(true);
});

test('queued is the most that ever waited', async () => {
  const { result } = await story(`
services: { a: { handlers: { slow: { subscribe: go, concurrency: 2, delay: 1s } } } }
requests: [{ name: one, flow: [{ publish: { type: go } }] }]
phases: [{ arrival_count: 10, duration: 0s }]
expect: [{ metric: slow.queued, below: 8 }, { metric: slow.queued, below: 9 }]`);
  expect(verdicts(result)).toEqual(['failed: slow.queued is 8, expected below 8', 'passed: slow.queued is 8']);
});

const EVENT_TYPES = ['a', 'b', 'a.x', 'c'];
const PATTERNS = ['a', 'b', 'a.*', '**', 'a.**'];
const position = { file: 'f', line: 1, column: 1 };
const history = fc.array(
  fc.record({
    type: fc.constantFrom(...EVENT_TYPES),
    trace: fc.constantFrom('t1', 't2', 't3'),
    gap: fc.integer({ min: 0, max: 5 }),
  }),
  { maxLength: 30 },
);

/** What `after` means, by looking at everything at the end. */
function oracle(
  events: readonly { readonly type: string; readonly trace: string; readonly at: number }[],
  matches: (pattern: string, type: string) => boolean,
  { event, after, within }: { readonly event: string; readonly after: string; readonly within: number | undefined },
): { readonly failed: readonly string[]; readonly judged: number } {
  const failed: string[] = [];
  let judged = 0;
  for (const trace of ['t1', 't2', 't3']) {
    const own = events.filter((each) => each.trace === trace);
    const first = own.findIndex(({ type }) => matches(after, type));
    if (first < 0) continue;
    judged++;
    const second = own.findIndex(({ type }, index) => index !== first && matches(event, type));
    const took = (own[second]?.at ?? Number.POSITIVE_INFINITY) - (own[first]?.at ?? 0);
    if (second < first || took > (within ?? Number.MAX_VALUE)) failed.push(trace);
  }
  return { failed, judged };
}

function matchesPattern(pattern: string, type: string): boolean {
  if (pattern === '**' || pattern === type) return true;
  return pattern === 'a.**' ? type === 'a' || type === 'a.x' : pattern === 'a.*' && type === 'a.x';
}

test('after says what a look at the whole history says, for any history and overlapping patterns', async () => {
  const within = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined });
  const pattern = fc.constantFrom(...PATTERNS);
  await fc.assert(
    fc.asyncProperty(history, pattern, pattern, within, async (steps, event, after, limit) => {
      const clock = new VirtualClock();
      const bus = new EventBus({ clock });
      const expectation: Expectation = { type: 'after', event, after, within: limit, text: '', position };
      const judge = new Judge([expectation], clock, bus.getStats());
      bus.probe.attach(judge.observer);
      const seen: { type: string; trace: string; at: number }[] = [];
      let at = 0;
      for (const { type, trace, gap } of steps) {
        at += gap;
        clock.setTimer(at, () => {
          seen.push({ type, trace, at: clock.now() });
          void bus.publish({ type, traceId: trace });
        });
      }
      await clock.drive();
      const [judgement] = judge.judge(bus.getStats(), true);
      const { failed, judged } = oracle(seen, matchesPattern, { event, after, within: limit });
      expect([...(judgement?.traces.ids ?? [])].sort()).toEqual(failed);
      expect(judgement?.verdict).toBe(judged === 0 ? 'inconclusive' : failed.length > 0 ? 'failed' : 'passed');
    }),
  );
});

test('a trace that has ended is judged and forgotten, so that memory does not grow with the run', async () => {
  const clock = new VirtualClock();
  const bus = new EventBus({ clock });
  const judge = new Judge(
    [{ type: 'after', event: 'b', after: 'a', within: 5, text: '', position }],
    clock,
    bus.getStats(),
  );
  bus.probe.attach(judge.observer);
  for (const [index, types] of [['a', 'b'], ['a'], ['b']].entries()) {
    const trace = `t${index}`;
    judge.traceBegins(trace);
    for (const type of types) await bus.publish({ type, traceId: trace });
    judge.traceEnds(trace);
  }
  expect(judge.size).toBe(0);
  expect(judge.judge(bus.getStats(), false)).toMatchObject([
    { verdict: 'failed', sentence: 'b did not follow a within 5ms in 1 of 2 traces: 1 never', traces: { ids: ['t1'] } },
  ]);
});

test('traces from outside, whose end nobody tells, are kept up to a bound', async () => {
  const clock = new VirtualClock();
  const bus = new EventBus({ clock });
  const after: Expectation = { type: 'after', event: 'b', after: 'a', within: undefined, text: '', position };
  const judge = new Judge([after], clock, bus.getStats());
  bus.probe.attach(judge.observer);
  for (let trace = 0; trace < 10_500; trace++) await bus.publish({ type: 'a', traceId: `t${trace}` });
  expect(judge.size).toBe(10_000);
  await bus.publish({ type: 'b', traceId: 't500' });
  expect(judge.judge(bus.getStats(), false)).toMatchObject([{ verdict: 'failed', traces: { count: 500 } }]);
});
