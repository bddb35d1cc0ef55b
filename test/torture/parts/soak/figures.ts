/** All figures of a soak, from everybody who counts, and whether they agree. */
import type { TailCount } from './guests.js';
import type { LogFigures } from './log-count.js';
import { FAN_OUT } from './scenario.js';

/** What `stats` answers, as far as it is compared. */
export interface FinalStats {
  readonly event_counts: Readonly<Record<string, number>>;
  readonly error_counts: Readonly<Record<string, number>>;
  readonly deliveries: Readonly<Record<string, number>>;
}

export interface Figures {
  /** From the session's start to the last publish. */
  readonly seconds: number;
  /** Events a second that were wanted. */
  readonly target: number;
  readonly stats: FinalStats;
  readonly log: LogFigures;
  readonly rotations: number;
  /** By the session's statistics. */
  readonly published: number;
  /** `event_published` records in all files of the log. */
  readonly inLog: number;
  /** Publishes that clients were told of. */
  readonly acknowledged: number;
  /** Publishes of which clients were told that all they caused went well. */
  readonly settled: number;
  readonly pokesInLog: number;
  readonly commands: number;
  readonly tail: TailCount;
  /** Characters that both dashboards drew. */
  readonly drawnBytes: number;
  readonly failures: readonly string[];
}

interface Verdict {
  readonly figures: readonly (readonly [name: string, value: string])[];
  readonly failures: readonly string[];
}

export function judgeFigures(all: Figures): Verdict {
  const { stats, log, tail, seconds } = all;
  const failures = [...all.failures];
  const equal = (what: string, one: number, other: number) => {
    if (one !== other) failures.push(`${what}: ${one} and ${other}`);
  };
  const types = new Set([...Object.keys(stats.event_counts), ...log.published.keys()]);
  for (const type of types) {
    equal(`${type}: statistics and log`, stats.event_counts[type] ?? 0, log.published.get(type) ?? 0);
  }
  const kind = (name: string) => log.kinds.get(name) ?? 0;
  const deliveries = sum(Object.values(stats.deliveries));
  equal(`deliveries and ${FAN_OUT} for each event`, deliveries, FAN_OUT * all.published);
  equal('done: statistics and log', stats.deliveries.done ?? 0, kind('event_handler_complete'));
  equal('dead: statistics and log', stats.deliveries.dead ?? 0, kind('event_delivery_dead'));
  equal('done and dead, and all deliveries', (stats.deliveries.done ?? 0) + (stats.deliveries.dead ?? 0), deliveries);
  equal('errors: statistics and log', sum(Object.values(stats.error_counts)), kind('event_handler_error'));
  equal(
    'attempts: begun and ended',
    kind('event_handler_start'),
    kind('event_handler_complete') + kind('event_handler_error'),
  );
  equal('acknowledged publishes and those in the log', all.acknowledged, all.pokesInLog);
  equal('acknowledged publishes and settled ones', all.acknowledged, all.settled);
  equal(
    'each publish from outside and what followed',
    log.published.get('soak.poke') ?? 0,
    log.published.get('soak.poked') ?? 0,
  );
  equal('last seq and lines of the log', log.lastSeq, log.lines);
  equal('gaps in the log', kind('log_gap'), 0);
  if (log.broken > 0)
    failures.push(`${log.broken} lines of the log are broken or out of order, first ${log.firstBroken}`);
  equal('events in session_stopped and in the log', Number(log.stopped?.events), all.inLog);
  equal('deliveries in session_stopped and in the statistics', Number(log.stopped?.deliveries), deliveries);
  equal('records that tail neither showed nor told of', tail.missing, 0);
  equal('records that tail showed in disorder', tail.disordered, 0);
  equal('last record of tail and of the log', tail.last, log.lastSeq);
  const rate = all.published / seconds;
  if (rate < 0.95 * all.target) failures.push(`${Math.round(rate)} events/s, of ${all.target}`);
  return {
    figures: [
      ['events/s', rate.toFixed(0)],
      ['records in the log', String(log.lines)],
      ['log', `${(log.bytes / 1e9).toFixed(2)} GB in ${all.rotations + 1} files`],
      ['deliveries', String(deliveries)],
      ['published by clients', `${all.acknowledged}, of which in the log ${all.pokesInLog}`],
      ['tail', `${tail.lines} shown, ${tail.leftOut} told as left out, ${tail.missing} missing`],
      ['commands beside it', String(all.commands)],
      ['drawn', `${(all.drawnBytes / 1e6).toFixed(0)} MB`],
    ],
    failures,
  };
}

/** @throws TypeError when the answer has another form. */
export function readStats(value: unknown): FinalStats {
  const { event_counts, error_counts, deliveries } = fields(value);
  return { event_counts: counts(event_counts), error_counts: counts(error_counts), deliveries: counts(deliveries) };
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return { ...value };
  throw new TypeError('the statistics have an unknown form');
}

function counts(value: unknown): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(fields(value)).map(([key, count]) => [key, Number(count)]));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
