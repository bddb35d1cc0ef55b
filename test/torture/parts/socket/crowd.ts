/**
 * A program of its own, so that the crowd takes none of the harness's time: on `start` at its standard input so many bad
 * clients connect and behave as they do, each again two seconds after it began, on `stop` they go. Then it says in one
 * line how it went.
 */
import { setMaxListeners } from 'node:events';
import { createInterface } from 'node:readline';
import { pause } from '../../support/programs.js';
import { crowd, type Kind, type Outcome } from './kinds.js';

/** What it says after `stop`. */
export interface CrowdReport {
  /** Connections made. */
  readonly tried: number;
  readonly asItMust: number;
  readonly turnedAway: number;
  /** The first few. */
  readonly problems: readonly string[];
}

/** One that asks or watches does so once a time; the others come again. */
const AGAIN_MS = 2_000;
const SHOWN_PROBLEMS = 5;

const [path = '', size = '0'] = process.argv.slice(2);

interface Tally {
  tried: number;
  asItMust: number;
  turnedAway: number;
  readonly problems: string[];
}

async function beOne(kind: Kind, stop: AbortSignal, tally: Tally): Promise<void> {
  do {
    const begin = performance.now();
    note(await kind.act(path, stop), tally);
    if (kind.greets) return;
    await pause(Math.max(0, AGAIN_MS - (performance.now() - begin)));
  } while (!stop.aborted);
}

function note(outcome: Outcome, tally: Tally): void {
  tally.tried++;
  if (outcome === 'as it must') tally.asItMust++;
  else if (outcome === 'turned away') tally.turnedAway++;
  else if (tally.problems.length < SHOWN_PROBLEMS) tally.problems.push(outcome.problem);
}

async function main(): Promise<void> {
  // The harness may be gone.
  process.stdin.on('error', () => process.exit());
  let stop = new AbortController();
  let tally: Tally = { tried: 0, asItMust: 0, turnedAway: 0, problems: [] };
  let all: Promise<unknown> = Promise.resolve();
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === 'start') {
      stop = new AbortController();
      setMaxListeners(0, stop.signal);
      tally = { tried: 0, asItMust: 0, turnedAway: 0, problems: [] };
      all = Promise.all(crowd(Number(size)).map((kind) => beOne(kind, stop.signal, tally)));
    } else {
      stop.abort();
      await all;
      const report: CrowdReport = tally;
      process.stdout.write(`${JSON.stringify(report)}\n`);
    }
  }
}

await main();
