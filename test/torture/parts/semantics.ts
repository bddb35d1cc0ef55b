/**
 * Random programs (subscribe, leave, publish, publish inside handlers, throw, reject, hang, drop, retry, overflow, pause,
 * abort, close) run on the bus and on a model of it (semantics/model.ts), in interleavings drawn by fast-check's
 * scheduler. After every step both must agree on what was delivered to whom, in which order, and in which of its eight
 * states each delivery is. At the end no timer, no listener and no memory may be left.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import type { Part, PartContext, Tally } from '../part.js';
import { type Figures, Lockstep } from './semantics/lockstep.js';
import { programs } from './semantics/program.js';

const COUNTS = { short: 150, full: 10_000, long: 200_000 };
const BATCH = 100;
const MAX_FAILURES = 5;
const SHOWN_CHARACTERS = 3_000;

export const semantics: Part = {
  name: 'semantics',
  promise: 'the bus does what the model does: exactly once, in order, isolated, accounted, nothing left',
  unit: 'programs',
  run,
};

async function run({ effort, seed, signal, progress }: PartContext): Promise<Tally> {
  const count = COUNTS[effort];
  const failures: string[] = [];
  const totals: Figures = { steps: 0, deliveries: 0, attempts: 0, leftOut: 0 };
  const memory = new Memory();
  let tried = 0;
  for (let batch = 0; tried < count && failures.length < MAX_FAILURES && !signal.aborted; batch++) {
    const failure = await runBatch(seed + batch, Math.min(BATCH, count - tried), totals, memory);
    if (failure !== undefined) failures.push(failure);
    tried += BATCH;
    progress(tried, count);
  }
  const kept = await memory.stillKept();
  if (kept > 0) failures.push(`${kept} of ${memory.watched} closed buses are still in memory`);
  return {
    tried,
    survived: tried - failures.length,
    lost: 0,
    figures: [
      ['steps compared', totals.steps.toLocaleString('en')],
      ['deliveries', totals.deliveries.toLocaleString('en')],
      ['attempts', totals.attempts.toLocaleString('en')],
      ['waits that would have been deadlocks', totals.leftOut.toLocaleString('en')],
      ['buses kept in memory', `${kept} of ${memory.watched}`],
    ],
    failures,
  };
}

/** Runs programs until one fails, which is then made as small as possible. */
async function runBatch(seed: number, numRuns: number, totals: Figures, memory: Memory): Promise<string | undefined> {
  const property = fc.asyncProperty(programs, fc.scheduler(), async (program, scheduler) => {
    const lockstep = new Lockstep(program, scheduler);
    const figures = await lockstep.run();
    totals.steps += figures.steps;
    totals.deliveries += figures.deliveries;
    totals.attempts += figures.attempts;
    totals.leftOut += figures.leftOut;
    memory.watch(lockstep.bus);
  });
  const details = await fc.check(property, { seed, numRuns });
  if (!details.failed) return undefined;
  const { errorInstance, counterexample, counterexamplePath } = details;
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  const program = JSON.stringify(counterexample?.[0]);
  return `seed ${seed}, path "${counterexamplePath}": ${what}\n${program}\n${counterexample?.[1]}`.slice(
    0,
    SHOWN_CHARACTERS,
  );
}

/** Looks whether closed buses are collected: the last of each batch, as most of them have made room long before. */
class Memory {
  readonly #refs: WeakRef<object>[] = [];
  #calls = 0;

  watch(bus: object): void {
    if (this.#calls++ % BATCH === 0) this.#refs.push(new WeakRef(bus));
  }

  get watched(): number {
    return this.#refs.length;
  }

  async stillKept(): Promise<number> {
    setFlagsFromString('--expose-gc');
    const collectGarbage: () => void = runInNewContext('gc');
    for (let round = 0; round < 5; round++) {
      // A reference keeps its target until the turn in which it was made or read is over.
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    return this.#refs.filter((ref) => ref.deref() !== undefined).length;
  }
}
