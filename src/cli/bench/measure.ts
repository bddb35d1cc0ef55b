/** Takes turns measuring ways, so that what slows the machine down slows all of them. */
import type { Clock } from '../../kernel/index.js';
import type { Way } from './way.js';

/** Requests under way at once where throughput is measured. */
export const IN_FLIGHT = 32;
const ROUNDS = 5;
/** Requests between two turns of the event loop: timers, signals and the log want their share. */
const TURN = 50;
/** So that a long measurement does not fill the memory. */
const MOST_SAMPLES = 100_000;

export interface Measured {
  readonly way: Way;
  /** Milliseconds from question to answer, one at a time, sorted. */
  readonly latencies: readonly number[];
  /** Requests a second, `IN_FLIGHT` at a time: the median of the rounds. */
  readonly throughput: number;
}

export interface MeasureOptions {
  /** Milliseconds, all in all. */
  readonly duration: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told before each step how far it is, from 0 to 1, and what comes. */
  readonly onStep: (done: number, what: string) => void;
}

interface Slice {
  readonly way: Way;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds. */
  readonly length: number;
}

/** @returns `undefined` where the signal ended it. */
export async function measureWays(ways: readonly Way[], options: MeasureOptions): Promise<Measured[] | undefined> {
  const { clock, signal, duration, onStep } = options;
  const figures = ways.map((way) => ({ way, latencies: [] as number[], rates: [] as number[] }));
  // Two slices a way and round; the first round warms up.
  const slices = 2 * ways.length * (ROUNDS + 1);
  let done = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    for (const { way, latencies, rates } of figures) {
      const slice = { way, clock, signal, length: duration / slices };
      onStep(done++ / slices, `${way.title}: latency`);
      const taken = await latencySlice(slice);
      onStep(done++ / slices, `${way.title}: throughput`);
      const rate = await throughputSlice(slice);
      if (signal.aborted) return undefined;
      way.tidy();
      if (round === 0) continue;
      for (const latency of taken) latencies.push(latency);
      rates.push(rate);
    }
  }
  return figures.map(({ way, latencies, rates }) => ({
    way,
    latencies: latencies.sort((a, b) => a - b),
    throughput: rates.sort((a, b) => a - b)[rates.length >> 1] ?? 0,
  }));
}

/** Asks one question after the other; gives the milliseconds of each. */
async function latencySlice({ way, clock, signal, length }: Slice): Promise<number[]> {
  const taken: number[] = [];
  const end = clock.now() + length;
  let now = clock.now();
  for (let number = 1; now < end && taken.length < MOST_SAMPLES && !signal.aborted; number++) {
    await way.ask(number);
    const after = clock.now();
    taken.push(after - now);
    if (number % TURN === 0) await turn();
    now = clock.now();
  }
  return taken;
}

/** Asks as much as it can; gives requests a second. */
async function throughputSlice({ way, clock, signal, length }: Slice): Promise<number> {
  const start = clock.now();
  let number = 0;
  let answered = 0;
  const askOn = async () => {
    while (clock.now() < start + length && !signal.aborted) {
      await way.ask(++number);
      if (++answered % TURN === 0) await turn();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, askOn));
  return (answered * 1_000) / (clock.now() - start);
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
