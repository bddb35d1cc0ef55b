/**
 * Random programs: subscribing, unsubscribing, aborting, publishing, publishing inside handlers, throwing, rejecting,
 * hanging, retrying, overflowing, pausing and closing, at random moments of virtual time.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { endingOf, type Program, programs } from './program.js';
import { ProgramRun } from './program-run.js';

/** Patterns of the programs, as a person reads them. */
function reads(pattern: string, type: string): boolean {
  const [first, second] = type.split('.');
  if (pattern === '**' || pattern === type) return true;
  if (pattern === '*') return second === undefined;
  if (pattern === 'a.*') return first === 'a' && second !== undefined;
  return pattern === '**.x' && second === 'x';
}

async function runs(check: (run: ProgramRun, program: Program) => void): Promise<void> {
  await fc.assert(
    fc.asyncProperty(programs, async (program) => {
      const run = new ProgramRun(reads);
      await run.run(program);
      check(run, program);
    }),
    { numRuns: 250 },
  );
}

function tally<T>(values: Iterable<T>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  return counts;
}

describe('whatever a program does', () => {
  test('each event is delivered exactly once to each subscriber it had when it was published, and to no other', () =>
    runs(({ published, deliveries }) => {
      const due = published.flatMap((event) => event.due.map((subscriber) => `${event.id} to ${subscriber}`));
      const seen = [...deliveries.values()].map(({ eventId, subscriptionId }) => `${eventId} to ${subscriptionId}`);
      expect(seen.toSorted()).toEqual(due.toSorted());
    }));

  test('each delivery ends once, as its own handler and options say, whatever the others do', () =>
    runs(({ subscribed, deliveries }, program) => {
      for (const { subscriptionId, attempts, errors, ends } of deliveries.values()) {
        const plan = subscribed.find((each) => each.id === subscriptionId)?.plan;
        if (plan === undefined) throw new Error('a delivery to nobody');
        const expected = endingOf(plan);
        const [end] = ends;
        expect(ends).toHaveLength(1);
        expect(attempts).toBeLessThanOrEqual(expected.attempts);
        if (end === 'abandoned') expect(program.close).toBeDefined();
        else if (end === 'dropped') expect(plan.options.queue?.overflow).toMatch(/^drop_/);
        else expect({ state: end, attempts, errors }).toEqual(expected);
      }
    }));

  test('first attempts of a subscription start in publish order', () =>
    runs(({ subscribed, published }) => {
      const position = new Map(published.map((event, index) => [event.id, index]));
      for (const { firstStarts } of subscribed) {
        const positions = firstStarts.map((id) => position.get(id) ?? -1);
        expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      }
    }));

  test('no subscription runs more at a time than its concurrency', () =>
    runs(({ subscribed }) => {
      for (const { mostRunning, plan } of subscribed) {
        expect(mostRunning).toBeLessThanOrEqual(plan.options.concurrency ?? Number.POSITIVE_INFINITY);
      }
    }));

  test('every publish gets its report or its refusal, and reports tell the truth', () =>
    runs(({ reports, published, refused, deliveries }) => {
      // Two publishes at close and after it are refused; every other one that was refused came from a handler given up.
      expect(refused.length).toBeGreaterThanOrEqual(2);
      for (const error of refused) expect(error).toMatchObject({ code: 'BUS_CLOSED' });
      expect(reports.map((report) => report.event.id).toSorted()).toEqual(published.map(({ id }) => id).toSorted());
      for (const report of reports) {
        for (const delivery of report.deliveries) {
          const seen = deliveries.get(delivery.deliveryId);
          expect(seen?.eventId).toBe(report.event.id);
          if (report.settled) expect(seen?.ends).toEqual([delivery.state]);
        }
      }
    }));

  test('the statistics add up to what was seen', () =>
    runs(({ bus, published, deliveries, abandoned }) => {
      const stats = bus.getStats();
      const seen = [...deliveries.values()];
      const zero = { queued: 0, running: 0, waiting: 0, done: 0, failed: 0, dead: 0, dropped: 0, abandoned: 0 };
      expect(stats.deliveries).toEqual({ ...zero, ...tally(seen.flatMap(({ ends }) => ends)) });
      expect(stats.deliveries.abandoned).toBe(abandoned.length);
      expect(stats.eventCounts).toEqual(tally(published.map(({ type }) => type)));
      const errors = Object.values(stats.errorCounts).reduce((sum, count) => sum + count, 0);
      expect(errors).toBe(seen.reduce((sum, delivery) => sum + delivery.errors, 0));
    }));

  test('nothing is left behind: no delivery under way, no timer, no subscription', () =>
    runs(({ bus, clock }) => {
      expect(clock.pending).toBe(0);
      expect(bus.getStats()).toMatchObject({ totalSubscribers: 0, totalEventTypes: 0, subscriptions: [] });
      expect(bus.probe.observerErrors).toBe(0);
    }));

  test('the same program runs the same way again', () =>
    fc.assert(
      fc.asyncProperty(programs, async (program) => {
        const record = async () => {
          const run = new ProgramRun(reads);
          await run.run(program);
          return JSON.stringify([run.published, [...run.deliveries], run.reports, run.clock.now()]);
        };
        expect(await record()).toBe(await record());
      }),
      { numRuns: 50 },
    ));
});
