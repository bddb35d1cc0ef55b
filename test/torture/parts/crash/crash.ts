/**
 * Crash: programs that write a log are killed (`kill -9`) at random moments, under load. What an acknowledgement
 * promises is that write(2) of the event's record has returned: it survives the process, not a loss of power.
 *
 * Killed are `cf-bus run` (while it starts, under load, while it drains) with clients that publish, an embedding program
 * with `openLog` (alone, and beside another on the same log), `cf-bus publish` with a bus of its own, and `trace` while
 * it keeps an index. Each goes on with what the last left behind, a third of the logs cut off inside their last line.
 */
import { join } from 'node:path';
import { bundle } from '../../bundle.mjs';
import type { Effort, Part, PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { copyProgram } from '../../support/programs.js';
import { EmbeddedChain, type Way } from './embedded-chain.js';
import type { Ground } from './ground.js';
import { OneShotChain } from './one-shot-chain.js';
import { ReaderChain } from './reader-chain.js';
import { type Moment, type Outcome, type Publisher, SessionChain } from './session-chain.js';

const LANES = 2;

/** Kills of one kind that follow each other on the same log. */
interface Series {
  readonly what: string;
  readonly kills: number;
  readonly begin: (ground: Ground, id: number) => Chain;
}

interface Chain {
  readonly kill: (random: PartContext['random']) => Promise<Outcome>;
  readonly finish: () => Promise<readonly string[]>;
  /** Torn last lines, and torn lines that another program went on behind. */
  readonly torn: () => number;
}

function runs(moment: Moment, publisher: Publisher, kills: number): Series {
  return {
    what: `run with ${publisher === 'client' ? 'a client' : 'cf-bus publish'}, ${moment}`,
    kills,
    begin(ground, id) {
      const chain = new SessionChain(ground, id);
      return {
        kill: (random) => chain.kill(moment, publisher, random),
        finish: () => chain.finish(),
        torn: () => chain.tornByKills,
      };
    },
  };
}

function embedded(way: Way, kills: number): Series {
  return {
    what: `embedded, ${way}`,
    kills,
    begin(ground, id) {
      const chain = new EmbeddedChain(ground, id);
      return {
        kill: (random) => chain.kill(way, random),
        finish: () => chain.finish(),
        torn: () => chain.tornByKills + chain.mended,
      };
    },
  };
}

function oneShots(kills: number): Series {
  return { what: 'publish with a bus of its own', kills, begin: (ground, id) => new OneShotChain(ground, id) };
}

function readers(kills: number): Series {
  return { what: 'trace, which keeps an index', kills, begin: (ground, id) => new ReaderChain(ground, id) };
}

/** 200 kills, or a tenth of them. A series of many is cut into chains of ten. */
function plan(effort: Effort): Series[] {
  const size = (full: number) => (effort === 'short' ? Math.max(1, Math.round(full / 16)) : full);
  return [
    runs('load', 'client', size(30)),
    runs('word', 'client', size(35)),
    runs('start', 'client', size(20)),
    runs('drain', 'client', size(15)),
    runs('word', 'command', size(15)),
    embedded('flush', size(25)),
    embedded('turn', size(20)),
    embedded('pair', size(15)),
    oneShots(size(15)),
    readers(size(10)),
  ].flatMap(chains);
}

const CHAIN = 10;

function chains(series: Series): Series[] {
  const full = Array.from({ length: Math.floor(series.kills / CHAIN) }, () => ({ ...series, kills: CHAIN }));
  const rest = series.kills % CHAIN;
  return rest === 0 ? full : [...full, { ...series, kills: rest }];
}

async function run({ effort, root, scratch, random, signal, progress }: PartContext): Promise<Tally> {
  const ground: Ground = {
    bin: copyProgram(root, join(scratch, 'p')),
    victim: await bundle('parts/crash/victim.ts'),
    scratch,
  };
  const all = plan(effort);
  const total = all.reduce((sum, { kills }) => sum + kills, 0);
  const count = new Count();
  let acknowledged = 0;
  let torn = 0;
  await inLanes(all, LANES, signal, async ({ what, kills, begin }, index) => {
    const chain = begin(ground, index);
    const draws = random.fork(`${what} ${index}`);
    for (let kill = 1; kill <= kills && !signal.aborted; kill++) {
      try {
        const outcome = await chain.kill(draws);
        acknowledged += outcome.acknowledged;
        count.add(`${what}, kill ${kill}`, outcome.problems, outcome.lost);
      } catch (error) {
        count.addBroken(`${what}, kill ${kill}`, error);
      }
      progress(count.tried, total);
    }
    for (const problem of signal.aborted ? [] : await chain.finish()) count.fail(`${what}, afterwards: ${problem}`);
    torn += chain.torn();
  });
  count.figure('acknowledged publishes', acknowledged);
  count.figure('kills inside a line', torn);
  return count.tally();
}

export const crash: Part = {
  name: 'crash',
  promise:
    'after `kill -9` at any moment every acknowledged publish is in the log, only the last line may be torn, and `trace`, `stats` and the next `run` work',
  unit: 'kills',
  run,
};
