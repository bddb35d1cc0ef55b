import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type DeliveryReport, EventBus, type HandlerContext } from '../../src/bus/index.js';
import { Ids, seededRandom, VirtualClock } from '../../src/kernel/index.js';
import { type Level, openLog } from '../../src/record/index.js';
import { analyse, findTrace, logStats, type Trace } from '../../src/trace/index.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cf-bus-trace-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly file: string;
  /** Of every publish, the causing delivery and the reports of its deliveries, by event id. */
  readonly published: ReadonlyMap<
    string,
    { readonly cause: string | undefined; readonly deliveries: readonly DeliveryReport[] }
  >;
  readonly stats: ReturnType<EventBus['getStats']>;
}

/** A busy little system: retries, timeouts, full queues, nested and late publishes, all under one trace id. */
async function run(seed: number, level: Level): Promise<Run> {
  const clock = new VirtualClock();
  const random = seededRandom(seed);
  const file = join(folder, `${seed}-${level}.log`);
  const log = openLog({ file, level, clock, session: 's1', fresh: true });
  const bus = new EventBus({ log, clock, ids: new Ids('s1'), random: () => random.next() });
  const published = new Map<string, { cause: string | undefined; deliveries: readonly DeliveryReport[] }>();
  const pick = (below: number) => Math.floor(random.next() * below);

  const work = async (next: string, { publish, publishAfter, clock: time, deliveryId }: HandlerContext) => {
    await time.sleep(pick(30));
    if (random.next() < 0.4) throw new Error(`no luck ${pick(9)}`);
    const report = await publish({ type: next, source: 'handler' });
    published.set(report.event.id, { cause: deliveryId, deliveries: report.deliveries });
    if (random.next() < 0.3) publishAfter(pick(20), { type: 'late.event', source: 'handler' });
    await time.sleep(pick(30));
  };
  const retry = { attempts: 3, delay: 5, backoff: 'exponential' } as const;
  bus.subscribe('a.begun', (_event, context) => work('b.done', context), { name: 'one', service: 'alpha', retry });
  bus.subscribe('a.*', (_event, context) => work('c.done', context), { name: 'two', service: 'beta', timeout: 25 });
  const queue = { size: 1, overflow: 'drop_newest' } as const;
  bus.subscribe('**', (_event, { clock: time }) => time.sleep(10), { name: 'all', concurrency: 1, queue });

  const roots = Array.from({ length: 4 }, () => bus.publish({ type: 'a.begun', traceId: 'req-1', source: 'test' }));
  const reports = Promise.all(roots);
  await clock.drive();
  for (const { event, deliveries } of await reports) published.set(event.id, { cause: undefined, deliveries });
  const stats = bus.getStats();
  await bus.close();
  log.close();
  return { file, published, stats };
}

async function traceOf(file: string): Promise<Trace> {
  const result = await findTrace([file], 'req-1');
  if (!result.found || result.kind !== 'trace') throw new Error('the log has no trace of the run');
  return result.traces[0];
}

test('the trace of a real bus’s log agrees with what its publishes reported', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1_000_000), async (seed) => {
      const { file, published } = await run(seed, 'debug');
      const trace = await traceOf(file);
      expect(Object.entries(trace.problems).filter(([, count]) => count !== 0)).toEqual([]);
      const events = new Map(trace.events.map((event) => [event.id, event]));
      for (const [id, { cause, deliveries }] of published) {
        const event = events.get(id);
        expect(event?.cause.kind === 'delivery' ? event.cause.deliveryId : undefined).toBe(cause);
        const shown = event?.deliveries.map((each) => [each.id, each.handler, each.state.kind, each.attempts.length]);
        const reported = deliveries.map((each) => [
          ...[each.deliveryId, each.subscriber.handler, each.state],
          'attempts' in each ? each.attempts : 0,
        ]);
        expect(new Set(shown?.map(String))).toEqual(new Set(reported.map(String)));
      }
    }),
    { numRuns: 30 },
  );
});

test('statistics from the log agree with the bus’s own', async () => {
  const { file, stats } = await run(11, 'debug');
  const [session] = (await logStats([file])).sessions;
  expect(session?.eventCounts).toEqual(stats.eventCounts);
  expect(session?.errorCounts).toEqual(stats.errorCounts);
  expect(session?.totalEventTypes).toBe(stats.totalEventTypes);
  expect(session?.totalSubscribers).toBe(stats.totalSubscribers);
  for (const own of stats.subscriptions) {
    const { delivered, errors, retries, failed, dead, dropped, abandoned, handler } = own;
    const shown = session?.subscriptions.find((each) => each.handler === handler);
    expect(shown).toMatchObject({ delivered, errors, retries, failed, dead, dropped, abandoned });
    expect(Math.abs((shown?.p95 ?? 0) / (own.p95 ?? 1) - 1)).toBeLessThan(0.02);
  }
});

test('of a log from level info up it has the same events, in the same places but for the deliveries', async () => {
  const whole = await traceOf((await run(5, 'debug')).file);
  const events = await traceOf((await run(5, 'info')).file);
  expect(events.deliveriesLogged).toBe(false);
  expect(events.events.map(({ id }) => id)).toEqual(whole.events.map(({ id }) => id));
  expect(analyse(events).counts.errors).toBe(analyse(whole).counts.errors);
});
