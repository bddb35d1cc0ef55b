import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FoldOptions, foldTrace, renderTree, type Trace, walk } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { records } from '../support/records.js';
import { chain, indexing, trouble } from './traces.js';

const options: fc.Arbitrary<FoldOptions> = fc.record(
  {
    minDurationMs: fc.nat(60),
    depth: fc.integer({ min: 1, max: 4 }),
    errors: fc.boolean(),
    type: fc.constantFrom('index.started', 'llm.request').map((wanted) => (type: string) => type === wanted),
    service: fc.constantFrom('metrics', '').map((wanted) => (service: string) => service === wanted),
  },
  { requiredKeys: [] },
);

function generated(seed: number): Trace {
  return records(...generateLog({ seed, traces: 1 }).records);
}

function ids(trace: Trace): string[] {
  return [...trace.events, ...trace.deliveries].map(({ id }) => id);
}

describe('a folded trace', () => {
  test('and what it counts as hidden are together the whole, nothing twice', () => {
    fc.assert(
      fc.property(fc.nat(100_000), options, (seed, fold) => {
        const whole = generated(seed);
        const { trace, hidden } = foldTrace(whole, fold);
        expect(trace.events.length + hidden.events).toBe(whole.events.length);
        expect(trace.deliveries.length + hidden.deliveries).toBe(whole.deliveries.length);
        const walked = [...walk(trace.roots)].map((step) => (step.kind === 'event' ? step.event.id : step.delivery.id));
        expect(walked.toSorted()).toEqual(ids(trace).toSorted());
      }),
    );
  });

  test('says at each place what was left out there, and the sum of it', () => {
    fc.assert(
      fc.property(fc.nat(100_000), options, (seed, fold) => {
        const { hidden, below, hiddenRoots } = foldTrace(generated(seed), fold);
        const all = [hiddenRoots, ...below.values()];
        for (const key of ['events', 'deliveries', 'troubled'] as const) {
          expect(all.reduce((sum, counts) => sum + counts[key], 0)).toBe(hidden[key]);
        }
      }),
    );
  });

  test('without anything to fold is the same', () => {
    const whole = generated(7);
    expect(foldTrace(whole, {}).trace).toEqual(whole);
  });

  test('keeps what led to what fits, and nothing else that does not fit', () => {
    const { trace } = foldTrace(records(...indexing()), { service: (service) => service === 'notifications' });
    expect(ids(trace)).toEqual(['evt-1', 'evt-3', 'dlv-1', 'dlv-3']);
  });

  test('by length keeps what failed and what is not over, however short', () => {
    const { trace } = foldTrace(records(...trouble()), { minDurationMs: 1_000 });
    expect(trace.deliveries).toHaveLength(records(...trouble()).deliveries.length);
    const fast = foldTrace(records(...indexing()), { minDurationMs: 1_000 }).trace;
    expect(fast.deliveries.map(({ id }) => id)).toEqual(['dlv-1']);
  });

  test('of errors alone shows what did not go well at once', () => {
    const { trace, hidden } = foldTrace(records(...indexing()), { errors: true });
    expect(ids(trace)).toEqual(['evt-1', 'dlv-1']);
    expect(hidden).toEqual({ events: 2, deliveries: 2, troubled: 0 });
  });

  test('by depth keeps that many levels of events', () => {
    const { trace, hidden } = foldTrace(records(...chain(10_000)), { depth: 3 });
    expect(trace.events).toHaveLength(3);
    expect(hidden).toMatchObject({ events: 9_997, deliveries: 9_997 });
  });

  test('is drawn with what is hidden said at its top and in its place', async () => {
    const tree = renderTree(records(...indexing()), { fold: { depth: 1 } });
    await expect(tree).toMatchFileSnapshot('../fixtures/trace/folded.txt');
  });
});
