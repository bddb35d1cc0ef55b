import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { analyse, buildCascade, renderJson, traceJson } from '../../src/trace/index.js';
import { generateLog } from '../support/log-generator.js';
import { at, completed, ended, failed, noSubscribers, published, records, started, T0 } from '../support/records.js';
import { chain, indexing, trouble } from './traces.js';

const own = { service: 'a', handler: 'first' };
const other = { service: 'b', handler: 'second' };

describe('the outcome', () => {
  test('is ok when every delivery ended well, retries included', () => {
    expect(analyse(records(...indexing())).outcome).toBe('ok');
  });

  test('is failed as soon as one delivery failed or is dead, whatever else is under way', () => {
    expect(analyse(records(...trouble())).outcome).toBe('failed');
  });

  test('is unfinished while a handler runs, a retry is to come, a delivery is not begun or was abandoned', () => {
    const event = published('evt-1');
    const done = [published('evt-2'), started('dlv-9', 'evt-2'), completed('dlv-9', 'evt-2')];
    const running = records(event, started('dlv-1', 'evt-1'));
    const waiting = records(event, started('dlv-1', 'evt-1'), failed('dlv-1', 'evt-1', { will_retry: true }));
    const queued = records(event, ...done);
    const abandoned = records(event, ended('abandoned', 'dlv-1', 'evt-1', { attempt: 0 }), ...done);
    for (const trace of [running, waiting, queued, abandoned]) expect(analyse(trace).outcome).toBe('unfinished');
  });

  test('of a log from level info up is not known unless something failed', () => {
    expect(analyse(records(published('evt-1'))).outcome).toBe('unknown');
    expect(analyse(records(published('evt-1'), failed('dlv-1', 'evt-1'))).outcome).toBe('failed');
    expect(analyse(records(published('evt-1', { subscriber_count: 0 }), noSubscribers('evt-1'))).outcome).toBe('ok');
  });

  test('counts a dropped delivery, and does not call it a failure', () => {
    const { outcome, counts } = analyse(
      records(
        published('evt-1'),
        ended('dropped', 'dlv-1', 'evt-1', { attempt: 0 }),
        started('dlv-2', 'evt-1'),
        completed('dlv-2', 'evt-1'),
      ),
    );
    expect(outcome).toBe('ok');
    expect(counts).toMatchObject({ dropped: 1, done: 1, deliveries: 2 });
  });
});

describe('the figures', () => {
  test('the duration runs from the first publish to the last ending', () => {
    const { durationMs, startTime, endTime } = analyse(records(...indexing()));
    expect({ durationMs, startTime, endTime }).toEqual({ durationMs: 411, startTime: T0, endTime: T0 + 411 });
  });

  test('a whole that took less than a millisecond is not shown as none', () => {
    const trace = records(
      published('evt-1'),
      started('dlv-1', 'evt-1'),
      completed('dlv-1', 'evt-1', { duration_ms: 0.25, queued_ms: 0.125 }),
    );
    expect(analyse(trace).durationMs).toBe(0.375);
  });

  test('the first error is the first by seq, though another has an earlier timestamp', () => {
    const trace = records(
      published('evt-1', { subscriber_count: 2 }),
      started('dlv-1', 'evt-1'),
      started('dlv-2', 'evt-1'),
      failed('dlv-2', 'evt-1', { error: 'second delivery', timestamp: at(50) }),
      failed('dlv-1', 'evt-1', { error: 'first delivery', timestamp: at(40) }),
    );
    expect(analyse(trace).firstError?.error.message).toBe('second delivery');
  });

  test('every delivery is in exactly one of the counts', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.double({ min: 0, max: 1, noNaN: true }), (seed, share) => {
        const log = generateLog({ seed, traces: 1 });
        const part = log.records.slice(0, Math.ceil(log.records.length * share));
        const trace = records(...part);
        const { counts } = analyse(trace);
        const unseen = trace.deliveriesLogged
          ? trace.events.reduce((sum, event) => sum + event.unseenDeliveries, 0)
          : 0;
        const { done, failed, dead, dropped, abandoned, unfinished } = counts;
        const unknown = trace.deliveries.filter(({ state }) => state.kind === 'unknown').length;
        expect(done + failed + dead + dropped + abandoned + unfinished - unseen + unknown).toBe(counts.deliveries);
      }),
    );
  });

  test('self time leaves out the time in which a handler awaited what it published', () => {
    const trace = records(
      published('evt-1'),
      started('dlv-1', 'evt-1', { ...own, timestamp: at(0) }),
      published('evt-2', { causation_id: 'evt-1', causation_delivery_id: 'dlv-1', timestamp: at(10) }),
      started('dlv-2', 'evt-2', { ...other, timestamp: at(10) }),
      completed('dlv-2', 'evt-2', { ...other, timestamp: at(70), duration_ms: 60 }),
      completed('dlv-1', 'evt-1', { ...own, timestamp: at(100), duration_ms: 100 }),
    );
    expect(analyse(trace).services).toEqual([
      { service: 'b', selfMs: 60, deliveries: 1, errors: 0 },
      { service: 'a', selfMs: 40, deliveries: 1, errors: 0 },
    ]);
  });

  test('self time keeps the time beside something that went on after the handler: nobody awaited it', () => {
    const trace = records(
      published('evt-1'),
      started('dlv-1', 'evt-1', { ...own, timestamp: at(0) }),
      published('evt-2', { causation_id: 'evt-1', causation_delivery_id: 'dlv-1', timestamp: at(10) }),
      started('dlv-2', 'evt-2', { ...other, timestamp: at(10) }),
      completed('dlv-1', 'evt-1', { ...own, timestamp: at(100), duration_ms: 100 }),
      completed('dlv-2', 'evt-2', { ...other, timestamp: at(300), duration_ms: 290 }),
    );
    expect(analyse(trace).services.map(({ service, selfMs }) => [service, selfMs])).toEqual([
      ['b', 290],
      ['a', 100],
    ]);
  });

  test('self time is never more than the time in handlers, and never below zero', () => {
    fc.assert(
      fc.property(fc.nat(100_000), (seed) => {
        const trace = records(...generateLog({ seed, traces: 1 }).records);
        const inHandlers = new Map<string, number>();
        for (const { service, attempts } of trace.deliveries) {
          const time = attempts.reduce((sum, { end }) => sum + ('durationMs' in end ? end.durationMs : 0), 0);
          inHandlers.set(service, (inHandlers.get(service) ?? 0) + time);
        }
        for (const { service, selfMs } of analyse(trace).services) {
          expect(selfMs).toBeGreaterThanOrEqual(0);
          expect(selfMs).toBeLessThanOrEqual((inHandlers.get(service) ?? 0) + 0.001);
        }
      }),
    );
  });

  test('the slowest deliveries come longest first, at most ten', () => {
    const { slowest } = analyse(records(...chain(30)));
    expect(slowest).toHaveLength(10);
    expect(analyse(records(...indexing())).slowest.map(({ handler }) => handler)).toEqual([
      'index_repository',
      'notify_on_failure',
      'track_index_metrics',
    ]);
  });
});

describe('a cascade', () => {
  test('holds what one event caused and nothing else of its trace', () => {
    const { trace, analysis } = buildCascade(indexing(), 'evt-3');
    expect(trace.events.map(({ id }) => id)).toEqual(['evt-3']);
    expect(trace.deliveries.map(({ id }) => id)).toEqual(['dlv-2', 'dlv-3']);
    expect(analysis).toMatchObject({ outcome: 'ok', durationMs: 48.1 });
  });

  test('of an event that no record tells of is empty', () => {
    expect(buildCascade([], 'evt-1').trace.events).toEqual([]);
  });
});

describe('JSON', () => {
  test('has the documented shape', async () => {
    await expect(renderJson(records(...indexing()))).toMatchFileSnapshot('../fixtures/trace/indexing.json');
    await expect(renderJson(records(...trouble()))).toMatchFileSnapshot('../fixtures/trace/trouble.json');
  });

  test('names the orphans', () => {
    expect(traceJson(records(...trouble()))).toMatchObject({ outcome: 'failed', orphans: ['evt-9'] });
  });

  test('holds payloads where they are logged', () => {
    const trace = records(published('evt-1', { payload: { repo_path: '/srv/web' } }), published('evt-2'));
    expect(traceJson(trace).events.map((event) => event.payload)).toEqual([{ repo_path: '/srv/web' }, undefined]);
  });

  test('parses to the same, and is safe to print, whatever is in the log', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const trace = records(published('evt-1', { event_type: text, source: text }));
        const json = renderJson(trace);
        expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(traceJson(trace))));
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        expect(json).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test('of a chain 10,000 deep is written', () => {
    expect(traceJson(records(...chain(5_000))).events).toHaveLength(5_000);
    expect(JSON.parse(renderJson(records(...chain(5_000))))).toHaveProperty('outcome', 'ok');
  });
});
