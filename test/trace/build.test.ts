import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import { buildTrace, type DeliveryNode, type EventNode, type Trace, walk } from '../../src/trace/index.js';
import { type GeneratedLog, generateLog } from '../support/log-generator.js';
import { completed, published, records, started } from '../support/records.js';
import { chain as longChain } from './traces.js';

const seeds = fc.integer({ min: 0, max: 1_000_000 });

function traceOf(log: GeneratedLog, records: Iterable<LogRecord> = log.records, traceId = 'req-1'): Trace {
  return buildTrace(records, { traceId, session: log.session });
}

function parentOf(event: EventNode): string {
  return 'deliveryId' in event.cause && event.cause.kind === 'delivery' ? event.cause.deliveryId : event.cause.kind;
}

/** Where each event and delivery hangs, told by the nesting and not by the nodes' own words. */
function places(trace: Trace): Map<string, string> {
  const found = new Map<string, string>();
  const open: { readonly id: string; readonly depth: number }[] = [];
  for (const step of walk(trace.roots)) {
    const { id } = step.kind === 'event' ? step.event : step.delivery;
    while ((open.at(-1)?.depth ?? -1) >= step.depth) open.pop();
    found.set(id, open.at(-1)?.id ?? 'root');
    open.push({ id, depth: step.depth });
  }
  return found;
}

describe('a forest from a whole log', () => {
  test('holds every event and delivery of the trace exactly where it happened, and nothing else', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = generateLog({ seed });
        for (const traceId of log.traceIds) {
          const trace = traceOf(log, log.records, traceId);
          const expected = new Map<string, string>();
          for (const [id, event] of log.events) {
            if (event.traceId === traceId) expected.set(id, event.causeDelivery ?? 'root');
          }
          for (const [id, delivery] of log.deliveries) {
            if (delivery.traceId === traceId) expected.set(id, delivery.eventId);
          }
          expect(places(trace)).toEqual(expected);
        }
      }),
    );
  });

  test('tells how every delivery ended, with each attempt', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = generateLog({ seed });
        for (const delivery of log.traceIds.flatMap((id) => traceOf(log, log.records, id).deliveries)) {
          const expected = log.deliveries.get(delivery.id);
          expect({ state: delivery.state.kind, attempts: delivery.attempts.map(({ number }) => number) }).toEqual({
            state: expected?.state,
            attempts: Array.from({ length: expected?.attempts ?? -1 }, (_, index) => index + 1),
          });
        }
      }),
    );
  });

  test('has no problems to report', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const trace = traceOf(generateLog({ seed }));
        expect(Object.entries(trace.problems).filter(([, count]) => count !== 0)).toEqual([]);
      }),
    );
  });
});

describe('a damaged log', () => {
  test('gives the same forest whatever the order of its lines', () => {
    fc.assert(
      fc.property(
        seeds.chain((seed) => {
          const log = generateLog({ seed });
          return fc.tuple(fc.constant(log), fc.shuffledSubarray([...log.records], { minLength: log.records.length }));
        }),
        ([log, shuffled]) => {
          const { problems, ...trace } = traceOf(log);
          const { problems: found, ...again } = traceOf(log, shuffled);
          expect(again).toEqual(trace);
          expect({ ...found, outOfOrder: 0 }).toEqual(problems);
        },
      ),
    );
  });

  test('gives the same forest when lines are there several times, and counts them', () => {
    fc.assert(
      fc.property(seeds, fc.array(fc.nat()), (seed, picks) => {
        const log = generateLog({ seed });
        const repeated = picks.flatMap((pick) => log.records[pick % log.records.length] ?? []);
        const { problems, ...trace } = traceOf(log, [...log.records, ...repeated]);
        const { problems: none, ...expected } = traceOf(log);
        expect(trace).toEqual(expected);
        expect(problems.duplicates).toBe(none.duplicates + repeated.filter((r) => r.trace_id === 'req-1').length);
      }),
    );
  });

  test('cut off at its end gives the part that was written, what was under way as unfinished, and no orphan', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const log = generateLog({ seed });
        const whole = traceOf(log);
        const part = traceOf(log, log.records.slice(0, Math.floor(log.records.length * share)));
        const wholePlaces = places(whole);
        for (const [id, place] of places(part)) expect(place).toBe(wholePlaces.get(id));
        const endings = new Map(whole.deliveries.map((delivery) => [delivery.id, delivery.state.kind]));
        for (const { id, state } of part.deliveries) {
          expect(['running', 'waiting', 'unknown', 'failed', endings.get(id)]).toContain(state.kind);
        }
        expect(part.problems.orphans).toBe(0);
      }),
    );
  });

  test('cut off at its beginning makes an orphan of each event whose cause is gone, and counts them', () => {
    fc.assert(
      fc.property(seeds, fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const log = generateLog({ seed });
        const kept = log.records.slice(Math.floor(log.records.length * share));
        const part = traceOf(log, kept);
        const known = new Set([...part.events, ...part.deliveries].map(({ id }) => id));
        const whole = new Map(traceOf(log).events.map((event) => [event.id, event]));
        let orphans = 0;
        for (const event of part.events) {
          if (event.published === undefined) continue;
          const expected = log.events.get(event.id)?.causeDelivery;
          const cause = whole.get(event.id)?.cause;
          if (expected === undefined) expect(event.cause.kind).toBe('none');
          else if (known.has(expected)) expect(parentOf(event)).toBe(expected);
          else if (cause !== undefined && 'eventId' in cause && known.has(cause.eventId ?? '')) {
            expect(event.cause).toEqual({ kind: 'event', eventId: cause.eventId });
          } else {
            expect(event.cause.kind).toBe('missing');
            expect(part.roots).toContain(event);
            orphans++;
          }
        }
        expect(part.problems.orphans).toBe(orphans);
      }),
    );
  });

  test('loses any lines, and every event that is left is in the forest exactly once', () => {
    fc.assert(
      fc.property(
        seeds.chain((seed) => {
          const log = generateLog({ seed });
          return fc.tuple(fc.constant(log), fc.subarray([...log.records]));
        }),
        ([log, left]) => {
          const trace = traceOf(log, left);
          const walked = [...walk(trace.roots)];
          const ids = walked.map((step) => (step.kind === 'event' ? step.event.id : step.delivery.id));
          expect(new Set(ids).size).toBe(ids.length);
          expect(ids.toSorted()).toEqual([...trace.events, ...trace.deliveries].map(({ id }) => id).toSorted());
          const mentioned = left.filter((record) => record.trace_id === 'req-1').map((record) => record.event_id);
          expect(new Set(trace.events.map(({ id }) => id))).toEqual(new Set(mentioned));
        },
      ),
    );
  });
});

describe('a log from level info up', () => {
  test('shows every event under the one that led to it, and says that deliveries were not logged', () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const log = generateLog({ seed, level: 'info', failures: false });
        const trace = traceOf(log);
        expect(trace.deliveries).toEqual([]);
        const subscribed = trace.events.some((event) => (event.published?.subscriberCount ?? 0) > 0);
        expect(trace.deliveriesLogged).toBe(!subscribed);
        expect(trace.problems.orphans).toBe(0);
        const all = new Map(traceOf(generateLog({ seed, failures: false })).events.map((event) => [event.id, event]));
        for (const { id, cause } of trace.events) {
          const expected = all.get(id)?.cause;
          expect('eventId' in cause ? cause.eventId : undefined).toBe(
            expected !== undefined && 'eventId' in expected ? expected.eventId : undefined,
          );
        }
      }),
    );
  });

  test('does not claim that a retried delivery is still waiting', () => {
    const log = generateLog({ seed: 7, level: 'info', traces: 40 });
    const states = log.traceIds.flatMap((id) =>
      traceOf(log, log.records, id).deliveries.map(({ state }) => state.kind),
    );
    expect(states).toContain('unknown');
    expect(states).not.toContain('waiting');
  });
});

describe('impossible logs', () => {
  test('a cycle of causes is cut at its earliest event and counted', () => {
    const trace = records(
      published('evt-1', { causation_id: 'evt-3' }),
      published('evt-2', { causation_id: 'evt-1' }),
      published('evt-3', { causation_id: 'evt-2' }),
      published('evt-4', { causation_id: 'evt-4' }),
    );
    expect(trace.problems.cycles).toBe(2);
    expect(trace.roots.map(({ id, cause }) => [id, cause])).toEqual([
      ['evt-1', { kind: 'cycle', eventId: 'evt-3' }],
      ['evt-4', { kind: 'cycle', eventId: 'evt-4' }],
    ]);
    expect([...walk(trace.roots)]).toHaveLength(4);
  });

  test('an event that was published before what led to it is counted, and stays where it belongs', () => {
    const trace = records(published('evt-2', { causation_id: 'evt-1' }), published('evt-1'));
    expect(trace.problems.effectBeforeCause).toBe(1);
    expect(trace.roots.map(({ id }) => id)).toEqual(['evt-1']);
  });

  test('a clock that goes backwards does not change the order', () => {
    const trace = records(
      published('evt-1', { timestamp: '2026-11-23T10:00:05.000Z' }),
      published('evt-2', { timestamp: '2026-11-23T10:00:00.000Z' }),
      published('evt-3', { timestamp: 'yesterday' }),
    );
    expect(trace.roots.map(({ id }) => id)).toEqual(['evt-1', 'evt-2', 'evt-3']);
    expect(trace.problems).toMatchObject({ clockBackwards: 1, badTimestamps: 1 });
    expect(trace.roots[2]?.time).toBe(trace.roots[1]?.time);
  });

  test('an ending without a start, and a start without an ending, are counted and shown as such', () => {
    const trace = records(
      published('evt-1', { subscriber_count: 2 }),
      completed('dlv-1', 'evt-1', { duration_ms: 4, timestamp: '2026-11-23T10:00:00.010Z' }),
      started('dlv-2', 'evt-1', { attempt: 1 }),
      completed('dlv-2', 'evt-1', { attempt: 2 }),
    );
    expect(trace.problems).toMatchObject({ missingStarts: 2, missingEndings: 1 });
    const [first, second] = trace.deliveries as [DeliveryNode, DeliveryNode];
    expect(first.attempts[0]).toMatchObject({ startLogged: false, startTime: Date.UTC(2026, 10, 23, 10, 0, 0, 6) });
    expect(second.attempts.map(({ end }) => end.kind)).toEqual(['unlogged', 'done']);
  });

  test('a delivery of an event that is not in the log has that event as a root that says so', () => {
    const trace = records(started('dlv-1', 'evt-9'), published('evt-10', { causation_delivery_id: 'dlv-1' }));
    expect(trace.problems.missingPublishes).toBe(1);
    expect(trace.roots).toMatchObject([{ id: 'evt-9', published: undefined, cause: { kind: 'unknown' } }]);
    expect(trace.deliveries[0]?.events.map(({ id }) => id)).toEqual(['evt-10']);
  });

  // Seconds on a busy machine: what is tested is that it ends.
  test('a chain of 100,000 events is built and walked', { timeout: 120_000 }, () => {
    const chain = longChain(100_000);
    const trace = buildTrace(chain, { traceId: 'req-1', session: 's1' });
    expect(trace.roots).toHaveLength(1);
    let deepest = 0;
    for (const { depth } of walk(trace.roots)) deepest = Math.max(deepest, depth);
    expect(deepest).toBe(199_999);
  });

  test('other traces and other sessions are passed over', () => {
    const trace = records(
      published('evt-1'),
      published('evt-2', { trace_id: 'req-12' }),
      published('evt-3', { session: 's2' }),
    );
    expect(trace.events.map(({ id }) => id)).toEqual(['evt-1']);
  });
});
