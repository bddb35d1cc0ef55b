import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Data, emptyData, findTrace, LIMITS } from '../../src/dashboard/data/data.js';
import { ingest } from '../../src/dashboard/data/ingest.js';
import { matchesPattern } from '../../src/dashboard/data/routes.js';
import { emptySeries, lastSeconds, ratePerSecond, SeriesDraft } from '../../src/dashboard/data/series.js';
import { Timeline } from '../../src/dashboard/timeline.js';
import { Pen, START } from './support/records.js';
import { World } from './support/world.js';

/** What of the data people see, without what only makes it fast. */
function seen(data: Data): unknown {
  const { routes, ...rest } = data;
  return {
    ...rest,
    published: lastSeconds(data.published, data.time, 60),
    failures: lastSeconds(data.failures, data.time, 60),
    types: [...data.types].map(([type, { count, errors, unheard }]) => ({ type, count, errors, unheard })),
  };
}

describe('records become data', () => {
  test('however they are cut into batches, the same records give the same data', () => {
    const { records } = new World({ trouble: 4 }).run(4_000).pen;
    const whole = seen(ingest(emptyData, records));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }), (sizes) => {
        let data = emptyData;
        for (let from = 0, turn = 0; from < records.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          data = ingest(data, records.slice(from, from + size));
          from += size;
        }
        expect(seen(data)).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  test('the data before a batch stays as it was, so that a paused view does not move', () => {
    const { records } = new World().run(3_000).pen;
    const before = ingest(emptyData, records.slice(0, 200));
    const copy = structuredClone(seen(before));
    ingest(before, records.slice(200));
    expect(seen(before)).toEqual(copy);
  });

  test('what the subscribers did adds up with the records', () => {
    const { records } = new World({ trouble: 6 }).run(20_000).pen;
    const data = ingest(emptyData, records);
    const count = (kind: string) => records.filter(({ event }) => event === kind).length;
    const sum = (of: (one: { delivered: number; errors: number; inFlight: number; dead: number }) => number) =>
      [...data.subscribers.values()].reduce((total, one) => total + of(one), 0);
    expect(sum(({ delivered }) => delivered)).toBe(count('event_handler_complete'));
    expect(sum(({ errors }) => errors)).toBe(count('event_handler_error'));
    expect(sum(({ dead }) => dead)).toBe(count('event_delivery_dead'));
    expect(sum(({ inFlight }) => inFlight)).toBe(
      count('event_handler_start') - count('event_handler_complete') - count('event_handler_error'),
    );
    expect(data.events).toBe(count('event_published'));
  });

  test('a queue is counted from the patterns of the subscriptions, up at a publish, down at a start', () => {
    const pen = new Pen().started().subscribe('metrics', 'track', 'index.*');
    const first = pen.publish('index.started', 'req-1');
    pen.publish('index.updated', 'req-1');
    pen.publish('query.received', 'req-1');
    expect(ingest(emptyData, pen.records).subscribers.get('metrics.track')?.queued).toBe(2);
    pen.start(first, 'index.started', 'req-1', { service: 'metrics', handler: 'track' });
    const after = ingest(emptyData, pen.records).subscribers.get('metrics.track');
    expect([after?.queued, after?.inFlight]).toEqual([1, 1]);
  });

  test('joined in the middle, no count goes below nothing', () => {
    const { records } = new World({ trouble: 5 }).run(10_000).pen;
    const data = ingest(emptyData, records.slice(500));
    for (const one of data.subscribers.values()) {
      expect(Math.min(one.inFlight, one.queued, one.waiting)).toBeGreaterThanOrEqual(0);
    }
    for (const trace of data.traces.recent.values()) expect(trace.open).toBeGreaterThanOrEqual(0);
  });

  test('memory stays bounded however much comes, and the counts stay exact', () => {
    const pen = new Pen().started();
    let data = emptyData;
    for (let index = 0; index < 40_000; index++) {
      pen.time += 1;
      pen.publish(`type.number${index % 700}`, `req-${index}`, { subscribers: index % 3 === 0 ? 0 : 1 });
      if (pen.records.length > 3_000) data = ingest(data, pen.records.splice(0));
    }
    data = ingest(data, pen.records);
    expect(data.events).toBe(40_000);
    expect(data.records.length).toBeLessThanOrEqual(LIMITS.records);
    expect(data.problems.length).toBeLessThanOrEqual(LIMITS.problems);
    expect(data.types.size).toBeLessThanOrEqual(LIMITS.types);
    expect(data.traces.recent.size).toBeLessThanOrEqual(LIMITS.traces);
    expect(data.traces.slow.size).toBeLessThanOrEqual(LIMITS.slowTraces);
    const held = [...data.traces.recent.values(), ...data.traces.failed.values(), ...data.traces.slow.values()];
    expect(data.traces.held).toBe(held.reduce((sum, { records }) => sum + records.length, 0));
  });

  test('a trace that failed outlives newer ones that went well', () => {
    const pen = new Pen().started();
    const event = pen.publish('index.started', 'req-bad');
    pen.handle(event, 'index.started', 'req-bad', { handler: 'index_repository', error: 'disk full' });
    for (let index = 0; index < LIMITS.traces + 50; index++)
      pen.publish('query.received', `req-${index}`, { subscribers: 0 });
    const { traces } = ingest(emptyData, pen.records);
    expect(traces.recent.has('req-bad')).toBe(false);
    expect(findTrace(traces, 'req-bad')?.errors).toBe(1);
  });

  test('traces over the limit of a batch are counted, not followed; one that fails is followed all the same', () => {
    const pen = new Pen().started();
    for (let index = 0; index < 50; index++) pen.publish('query.received', `req-${index}`);
    const event = pen.publish('index.started', 'req-bad');
    pen.handle(event, 'index.started', 'req-bad', { handler: 'index_repository', error: 'disk full' });
    const { traces } = ingest(emptyData, pen.records, 0, { newTraces: 10 });
    expect(traces.recent.size).toBe(11);
    expect(traces.skipped).toBe(41);
    expect(traces.recent.get('req-bad')).toMatchObject({ partial: true, errors: 1 });
  });

  test('the same trace id of two sessions is two traces', () => {
    const first = new Pen('aaa').started();
    first.publish('index.started', 'req-1');
    const second = new Pen('bbb').started();
    second.publish('index.started', 'req-1');
    expect(ingest(emptyData, [...first.records, ...second.records]).traces.recent.size).toBe(2);
  });

  test('what was lost on the way is counted: a slow client, a gap in the log', () => {
    const pen = new Pen().started().gap(7);
    expect(ingest(ingest(emptyData, pen.records), [], 5).leftOut).toBe(12);
  });

  test('what only the file lost was seen here', () => {
    const records = new Pen().started().control('speed', '2').gap(7).records;
    const whole = records.map((record, index) => ({ ...record, seq: index + 1 }));
    expect(ingest(emptyData, whole).leftOut).toBe(0);
  });

  test('switches are known from their records alone, in the words of any of them', () => {
    const pen = new Pen()
      .control('pause', 'bus')
      .control('error on', 'a.b')
      .control('fault down on', 'a.b')
      .control('slow on', 'c')
      .control('slow off', 'c')
      .control('speed', '4');
    const { controls } = ingest(emptyData, pen.records);
    expect(controls.busPaused).toBe(true);
    expect(controls.speed).toBe(4);
    expect([...controls.faults].map(([target, types]) => [target, [...types]])).toEqual([['a.b', ['error', 'down']]]);
    expect(ingest(emptyData, pen.control('resume', 'bus').control('all off', 'a.b').records).controls).toMatchObject({
      busPaused: false,
      faults: new Map(),
    });
  });

  test('a timestamp that is none counts as of the record before it', () => {
    const pen = new Pen().started();
    pen.publish('index.started', 'req-1');
    const records = pen.records.map((record, index) => (index === 1 ? { ...record, timestamp: 'yesterday' } : record));
    expect(ingest(emptyData, records).time).toBe(START);
  });
});

describe('counts by second', () => {
  test('equal a plain list of times, whatever the gaps', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90), { maxLength: 60 }), (gaps) => {
        const draft = new SeriesDraft(emptySeries);
        const times: number[] = [];
        let at = 1_000;
        for (const wait of gaps) {
          at += wait;
          times.push(at);
          draft.add(at);
        }
        const expected = Array.from(
          { length: 60 },
          (_, index) => times.filter((time) => time === at - 59 + index).length,
        );
        expect(lastSeconds(draft, (at + 1) * 1_000, 60)).toEqual(expected);
      }),
    );
  });

  test('a rate is of whole seconds, over no more time than there was', () => {
    const draft = new SeriesDraft(emptySeries);
    for (let second = 100; second < 110; second++) draft.add(second, 8);
    expect(ratePerSecond(draft, 110_000, 100_000)).toBe(8);
    expect(ratePerSecond(draft, 120_000, 100_000)).toBe(0);
    expect(ratePerSecond(draft, 102_500, 100_000)).toBe(8);
  });
});

test('patterns match as the bus says: * one segment, ** any number', () => {
  expect(matchesPattern('index.*', 'index.started')).toBe(true);
  expect(matchesPattern('index.*', 'index')).toBe(false);
  expect(matchesPattern('index.*', 'index.a.b')).toBe(false);
  expect(matchesPattern('**', 'anything.at.all')).toBe(true);
  expect(matchesPattern('index.**', 'index')).toBe(true);
  expect(matchesPattern('**.failed', 'agent.failed')).toBe(true);
  expect(matchesPattern('a.**.c.**.e', 'a.b.c.d.e')).toBe(true);
  expect(matchesPattern('a.**.c.**.e', 'a.b.d.e')).toBe(false);
  const stars = Array.from({ length: 40 }, () => '**').join('.');
  expect(matchesPattern(`${stars}.x`, Array.from({ length: 100 }, () => 'a').join('.'))).toBe(false);
});

describe('a log in time', () => {
  const { records } = new World({ trouble: 3 }).run(30_000).pen;
  const timeline = new Timeline();
  timeline.push(records);

  test('shows at each point what was known then', () => {
    for (const steps of [1, 40, 2_100]) {
      for (let step = 0; step < steps; step++) timeline.move('back');
      const expected = ingest(emptyData, records.slice(0, timeline.at));
      expect(seen(timeline.data())).toEqual(seen(expected));
    }
    timeline.move('end');
    expect(timeline.at).toBe(records.length);
  });

  test('jumps to errors, and each is the last record shown', () => {
    timeline.move('end');
    timeline.move('errorBack');
    const at = timeline.at;
    expect(timeline.data().records.at(-1)?.record.level).toBe('error');
    timeline.move('errorBack');
    expect(timeline.at).toBeLessThan(at);
    timeline.move('errorForward');
    expect(timeline.at).toBe(at);
  });

  test('stays where it is put while the file grows, and follows from its end', () => {
    const growing = new Timeline();
    growing.push(records.slice(0, 100));
    growing.push(records.slice(100, 200));
    expect(growing.at).toBe(200);
    growing.move('back');
    growing.push(records.slice(200, 300));
    expect(growing.at).toBe(199);
  });
});
