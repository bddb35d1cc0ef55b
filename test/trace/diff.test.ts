import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogRecord } from '../../src/record/index.js';
import { buildTrace, differs, diffJson, diffTraces, renderDiff, type Trace } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, published, records, started } from '../support/records.js';
import { visible } from '../support/terminal-text.js';
import { chain, pipeline } from './traces.js';

function generated(seed: number): Trace {
  return records(...generateLog({ seed, traces: 1 }).records);
}

/** The pipeline as another day had it: no retry, no audit, another order, a slow search, and an event more. */
function anotherDay(): Trace {
  const without = ['evt-5', 'dlv-5'];
  const all: LogRecord[] = pipeline()
    .filter((record) => !without.includes(String(record.event_id)) && !without.includes(String(record.delivery_id)))
    .filter(({ delivery_id, attempt }) => delivery_id !== 'dlv-4' || attempt === 2)
    .map((record) => (record.delivery_id === 'dlv-4' ? { ...record, attempt: 1 } : record))
    .map((record) => {
      if (record.delivery_id !== 'dlv-2' || record.event !== 'event_handler_complete') return record;
      return { ...record, duration_ms: 250, timestamp: at(256) };
    });
  const more = published('evt-9', {
    ...{ event_type: 'cache.cleared', causation_id: 'evt-1', causation_delivery_id: 'dlv-1', subscriber_count: 0 },
    ...{ timestamp: at(5), source: 'gateway' },
  });
  return buildTrace([...all.slice(0, 2), { ...more, seq: 2.5 }, ...all.slice(2)], { traceId: 'req-1', session: 's1' });
}

describe('the differences of two requests', () => {
  test('are none between a request and itself', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const { rows, counts } = diffTraces(generated(seed), generated(seed));
        expect(rows.filter(differs)).toEqual([]);
        expect(Object.values(counts).every((count) => count === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('hold every event and delivery of both exactly once, and turn round with them', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), (one, other) => {
        const a = generated(one);
        const b = generated(other);
        const diff = diffTraces(a, b);
        const ids = (side: 'a' | 'b') =>
          diff.rows.flatMap(({ nodes }) =>
            side === 'a' ? (nodes.in === 'b' ? [] : nodes.a.id) : nodes.in === 'a' ? [] : nodes.b.id,
          );
        const all = (trace: Trace) => [...trace.events, ...trace.deliveries].map(({ id }) => id).sort();
        expect(ids('a').sort()).toEqual(all(a));
        expect(ids('b').sort()).toEqual(all(b));
        const { missing, extra, slower, faster, endedOtherwise } = diffTraces(b, a).counts;
        expect({ missing: extra, extra: missing, slower: faster, faster: slower, endedOtherwise }).toEqual({
          missing: diff.counts.missing,
          extra: diff.counts.extra,
          slower: diff.counts.slower,
          faster: diff.counts.faster,
          endedOtherwise: diff.counts.endedOtherwise,
        });
      }),
      { numRuns: 50 },
    );
  });

  test('tell what is missing, extra, slower, faster and ended otherwise', async () => {
    const diff = diffTraces(records(...pipeline()), anotherDay());
    expect(diff.counts).toMatchObject({ missing: 2, extra: 1, slower: 1, faster: 1, endedOtherwise: 1 });
    await expect(renderDiff(diff, { width: 120 })).toMatchFileSnapshot('../fixtures/trace/diff-120.txt');
    await expect(renderDiff(diff, { ascii: true })).toMatchFileSnapshot('../fixtures/trace/diff-ascii.txt');
    await expect(`${JSON.stringify(diffJson(diff), undefined, 2)}\n`).toMatchFileSnapshot(
      '../fixtures/trace/diff.json',
    );
    expect(visible(renderDiff(diff, { width: 120, color: true }))).toBe(renderDiff(diff, { width: 120 }));
  });

  test('tell which of several kept their order: as few as possible are called reordered', () => {
    const of = (...types: readonly string[]) =>
      records(...types.map((event_type, index) => published(`evt-${index}`, { event_type, subscriber_count: 0 })));
    const { rows, counts } = diffTraces(of('a', 'b', 'c', 'd', 'a'), of('b', 'c', 'a', 'd', 'a'));
    expect(counts).toMatchObject({ reordered: 1, missing: 0, extra: 0 });
    expect(rows.filter(({ reordered }) => reordered).map(({ nodes }) => nodes.in === 'both' && nodes.a.id)).toEqual([
      'evt-0',
    ]);
  });

  test('in time count from a millisecond and a fifth on, and tell whose they are', () => {
    const took = (parent: number, child: number) =>
      records(
        published('evt-1', { timestamp: at(0) }),
        started('dlv-1', 'evt-1', { handler: 'parent', timestamp: at(0) }),
        published('evt-2', { causation_id: 'evt-1', causation_delivery_id: 'dlv-1', timestamp: at(1) }),
        started('dlv-2', 'evt-2', { handler: 'child', timestamp: at(1) }),
        completed('dlv-2', 'evt-2', { handler: 'child', timestamp: at(1 + child), duration_ms: child }),
        completed('dlv-1', 'evt-1', { handler: 'parent', timestamp: at(parent), duration_ms: parent }),
      );
    expect(diffTraces(took(100, 50), took(119, 50)).counts).toMatchObject({ slower: 0 });
    expect(diffTraces(took(100, 50), took(119, 50), { leastShare: 0.1 }).counts).toMatchObject({ slower: 1 });
    expect(diffTraces(took(1, 0.2), took(1.9, 0.2)).counts).toMatchObject({ slower: 0 });
    const slowdowns = diffTraces(took(100, 50), took(200, 150)).rows.flatMap((row) =>
      row.kind === 'delivery' && row.slower !== undefined ? [row.slower] : [],
    );
    expect(slowdowns).toEqual([
      { aMs: 100, bMs: 200, own: false },
      { aMs: 50, bMs: 150, own: true },
    ]);
  });

  test('that come of what a log leaves out are explained', () => {
    const published1 = published('evt-1', { subscriber_count: 1 });
    const whole = records(published1, started('dlv-1', 'evt-1'), completed('dlv-1', 'evt-1'));
    const diff = diffTraces(whole, records(published1));
    expect(diff.counts.missing).toBe(1);
    expect(renderDiff(diff)).toMatch(/\n {3}B: deliveries were not logged/);
    expect([diffJson(diff).a.deliveries_logged, diffJson(diff).b.deliveries_logged]).toEqual([true, false]);
  });

  test('of chains 10,000 deep are told', () => {
    expect(diffTraces(records(...chain(10_000)), records(...chain(9_999))).counts).toMatchObject({ missing: 2 });
  });
});
