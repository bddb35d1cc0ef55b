/** A bus for one `publish`: the services of a scenario without its traffic, with the log that `trace` reads afterwards. */
import { chooseSeed, Ids, realClock, seededRandom, VERSION } from '../../kernel/index.js';
import { type LogRecord, openLog } from '../../record/index.js';
import type { Scenario, Service } from '../../scenario/index.js';
import { createSimulatedBus, createSimulation } from '../../simulator/index.js';
import { troubleNotices } from '../log-trouble.js';
import type { Output } from '../output.js';
import { sessionTotals } from '../run/totals.js';
import type { Publication, Target } from './target.js';

export interface OneShotOptions {
  readonly scenario: Scenario;
  /** `undefined`: no log file. */
  readonly logFile: string | undefined;
  readonly allowModules: boolean;
  /** Where to say that the log cannot be written. */
  readonly notices: Output;
  /** Milliseconds that `close` waits for what is under way. */
  readonly drain: () => number;
}

/** Records of one event that are kept to show them. */
const MAX_RECORDS = 10_000;

export async function oneShotTarget({
  scenario,
  logFile,
  allowModules,
  notices,
  drain,
}: OneShotOptions): Promise<Target> {
  const clock = realClock;
  const ids = new Ids();
  const seed = chooseSeed();
  const random = seededRandom(seed);
  const log = openLog({ file: logFile, level: 'debug', clock, session: ids.session, ...troubleNotices(notices) });
  const bus = createSimulatedBus({ clock, ids, random, log });
  const simulation = createSimulation({ scenario: withoutTraffic(scenario), bus, clock, ids, random, allowModules });
  log.observer.sessionStarted({ scenario: scenario.name, seed, clock: 'real', version: VERSION });
  await simulation.start();

  async function publish({ type, payload, source, traceId }: Publication) {
    const records: LogRecord[] = [];
    let recordsLeftOut = 0;
    let expected = traceId;
    const unwatch = log.observer.watch((record) => {
      expected ??= typeof record.trace_id === 'string' ? record.trace_id : undefined;
      if (record.trace_id !== expected) return;
      if (records.length < MAX_RECORDS) records.push(record);
      else recordsLeftOut++;
    });
    const { event, settled } = bus.publishTracked({ type, payload, source, traceId });
    log.flushSync();
    return {
      eventId: event.id,
      traceId: event.traceId,
      records,
      settled: settled.then(({ failed, dead, abandoned }) => {
        unwatch();
        return { settled: abandoned === 0, failed: failed + dead, recordsLeftOut };
      }),
    };
  }

  return {
    session: log.session,
    publish,
    async close() {
      const { stats } = await simulation.close({ drain: drain() });
      log.observer.sessionStopped(sessionTotals('finished', stats));
      log.close();
    },
  };
}

/** The services react; nothing is published but by them and by the caller. */
function withoutTraffic(scenario: Scenario): Scenario {
  const services = new Map(
    [...scenario.services].map(([name, service]): [string, Service] => [name, { ...service, every: [] }]),
  );
  return { ...scenario, services, requests: [], phases: [], expect: [] };
}
