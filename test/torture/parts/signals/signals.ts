/**
 * Signals: INT, TERM, HUP, QUIT and TSTP+CONT, alone and double, at random moments of `cf-bus run`: while it starts, under
 * load, while it drains, and while its dashboard draws. On a real terminal with a shell that has job control, and without
 * any terminal; also as keys, and as a window that is closed.
 */
import { join } from 'node:path';
import type { Part, PartContext, Tally } from '../../part.js';
import { Count, Longest } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { copyProgram } from '../../support/programs.js';
import { nameOf, planCases } from './cases.js';
import { play } from './play.js';

const LANES = 3;
const FULL = 200;
const SHORT = 14;

async function run({ effort, root, scratch, random, signal, progress }: PartContext): Promise<Tally> {
  const ground = { bin: copyProgram(root, join(scratch, 'p')), scratch };
  const cases = planCases(effort === 'short' ? SHORT : FULL, random.fork('cases'));
  const count = new Count();
  const longest = new Longest();
  let acknowledged = 0;
  let late = 0;
  await inLanes(cases, LANES, signal, async (each, index) => {
    try {
      const outcome = await play(ground, index, each, random.fork(`${index}`));
      acknowledged += outcome.acknowledged;
      if (outcome.ms === undefined) late++;
      else longest.note(outcome.ms);
      count.add(nameOf(each), outcome.problems, outcome.lost);
    } catch (error) {
      count.addBroken(nameOf(each), error);
    }
    progress(count.tried, cases.length);
  });
  count.figure('acknowledged publishes', acknowledged);
  count.figure('longest end', longest.toString());
  if (late > 0) count.figure('over before the signal', late);
  return count.tally();
}

export const signals: Part = {
  name: 'signals',
  promise:
    'whatever signal comes when, all that was accepted is in the log, the terminal is as it was, the exit code tells the signal, within 5 s',
  unit: 'signals',
  run,
};
