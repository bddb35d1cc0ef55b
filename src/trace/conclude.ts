/** From the facts about a delivery to its node: what became of each attempt, and of the whole. */
import type { DeliveryFacts, Ending } from './facts.js';
import type { Attempt, AttemptEnd, DeliveryState } from './forest.js';

export interface Concluded {
  readonly attempts: readonly Attempt[];
  readonly state: DeliveryState;
  readonly queuedMs: number | undefined;
  readonly durationMs: number | undefined;
  readonly missingStarts: number;
  readonly missingEndings: number;
}

/** @param deliveriesLogged false for a log that has no records of attempts that begin or succeed. */
export function concludeDelivery(facts: DeliveryFacts, deliveriesLogged: boolean): Concluded {
  const attempts = concludeAttempts(facts);
  const state = concludeState(facts.ending, attempts, deliveriesLogged);
  const first = attempts[0];
  const published = facts.event.published === undefined ? undefined : facts.event.time;
  return {
    attempts,
    state,
    queuedMs:
      facts.queuedMs ?? (first !== undefined && published !== undefined ? first.startTime - published : undefined),
    durationMs: lengthOf(attempts, state),
    missingStarts: deliveriesLogged ? count(attempts, ({ startLogged }) => !startLogged) : 0,
    missingEndings: count(attempts, ({ end }) => end.kind === 'unlogged'),
  };
}

function concludeAttempts({ attempts, ending, event }: DeliveryFacts): Attempt[] {
  const published = event.published === undefined ? Number.NEGATIVE_INFINITY : event.time;
  const inOrder = attempts.length < 2 ? attempts : attempts.toSorted((a, b) => a.number - b.number);
  const last = inOrder.at(-1);
  return inOrder.map(({ number, seq, start, end }) => {
    // Not before its event, as rounded timestamps would have it.
    const startTime = start ?? Math.max(published, end === undefined ? 0 : end.time - end.durationMs);
    const isLast = number === last?.number;
    return {
      number,
      seq,
      startTime,
      startLogged: start !== undefined,
      end: end ?? openEnd(startTime, isLast, number, ending),
    };
  });
}

/** The ending of an attempt that has no record of it. */
function openEnd(startTime: number, isLast: boolean, number: number, ending: Ending | undefined): AttemptEnd {
  if (!isLast) return { kind: 'unlogged' };
  if (ending === undefined) return { kind: 'running' };
  const cut = ending.kind !== 'dead' && ending.attempt === number;
  return cut ? { kind: 'cut', time: ending.time, durationMs: ending.time - startTime } : { kind: 'unlogged' };
}

function concludeState(ending: Ending | undefined, attempts: readonly Attempt[], logged: boolean): DeliveryState {
  const last = attempts.at(-1)?.end;
  if (ending !== undefined) {
    const { seq, time, reason, fault } = ending;
    if (ending.kind === 'dead') {
      return { kind: 'dead', seq, time, reason, error: last?.kind === 'failed' ? last.error : undefined };
    }
    return ending.kind === 'dropped'
      ? { kind: 'dropped', seq, time, reason, fault }
      : { kind: 'abandoned', seq, time, reason };
  }
  if (last?.kind === 'done') return { kind: 'done', time: last.time };
  if (last?.kind === 'failed') {
    if (!last.willRetry) return { kind: 'failed', time: last.time, error: last.error };
    return { kind: logged ? 'waiting' : 'unknown', error: last.error };
  }
  return { kind: 'running' };
}

/** Exact for one attempt; over several, timestamps tell it. */
function lengthOf(attempts: readonly Attempt[], state: DeliveryState): number | undefined {
  if (!('time' in state)) return undefined;
  const first = attempts[0];
  if (first === undefined) return 0;
  const exact = attempts.reduce((sum, { end }) => sum + ('durationMs' in end ? end.durationMs : 0), 0);
  return attempts.length === 1 && 'durationMs' in first.end ? exact : Math.max(exact, state.time - first.startTime);
}

function count(attempts: readonly Attempt[], holds: (attempt: Attempt) => boolean): number {
  return attempts.reduce((sum, attempt) => (holds(attempt) ? sum + 1 : sum), 0);
}
