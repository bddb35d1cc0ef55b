/** Draws the payloads, sends them through, and tells what came of it. */
import fc from 'fast-check';
import type { PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { type LibraryFigures, roundTrip, strange } from './library.js';
import { redaction } from './redaction.js';
import { throughSessions } from './session.js';

/** Logs written by the library: each has one to six events. */
const COUNTS = { short: 100, full: 3_000, long: 60_000 };
const BATCH = 50;

export async function run(context: PartContext): Promise<Tally> {
  const count = new Count();
  const figures: LibraryFigures = { published: 0, refused: 0 };
  const { scratch, seed, effort, signal } = context;
  const total = COUNTS[effort];
  for (let done = 0; done < total && !signal.aborted; done += BATCH) {
    await batch('round trip', roundTrip(scratch, figures), seed + done, count);
    await batch('what JSON cannot hold', strange(scratch, figures), seed + done, count);
    await batch('redaction', redaction(scratch), seed + done, count);
    context.progress(done, total);
  }
  if (!signal.aborted) await throughSessions(context, count);
  count.figure('events through the library', figures.published.toLocaleString('en'));
  count.figure('refused with their place', figures.refused.toLocaleString('en'));
  return count.tally();
}

async function batch<T>(name: string, property: fc.IAsyncProperty<T>, seed: number, count: Count): Promise<void> {
  const details = await fc.check(property, { seed, numRuns: BATCH });
  for (let passed = 0; passed < (details.failed ? details.numRuns - 1 : BATCH); passed++) count.add(name, []);
  if (!details.failed) return;
  const { errorInstance, counterexample, counterexamplePath } = details;
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  count.add(`${name}, seed ${seed}, path "${counterexamplePath}"`, [
    `${what}: ${fc.stringify(counterexample).slice(0, 1_500)}`,
  ]);
}
