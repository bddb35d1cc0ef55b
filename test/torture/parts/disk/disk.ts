/**
 * Disk: the log's disk is full, its folder read-only, its file rotated under 5,000 events a second, removed or replaced
 * while it is written. Trouble must be loud and counted, lines whole, and all must be well again once the disk is.
 */
import { join } from 'node:path';
import { bundle } from '../../bundle.mjs';
import type { Effort, Part, PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { copyProgram } from '../../support/programs.js';
import type { Ground, Outcome } from './ground.js';
import { copyAndTruncate, renameAlone, renameAndHup } from './rotation.js';

const LANES = 2;

type Case = (ground: Ground) => Promise<Outcome>;

/** 100 rotations, or a few. */
function plan(effort: Effort): Case[] {
  const size = (full: number, short: number) => (effort === 'short' ? short : full);
  return [
    (ground) => renameAndHup(ground, size(34, 6)),
    (ground) => renameAlone(ground, size(33, 3)),
    (ground) => copyAndTruncate(ground, size(17, 4), false),
    (ground) => copyAndTruncate(ground, size(16, 4), true),
  ];
}

async function run({ effort, root, scratch, random, signal, progress }: PartContext): Promise<Tally> {
  const bin = copyProgram(root, join(scratch, 'p'));
  const writer = await bundle('parts/disk/writer.ts');
  const count = new Count();
  const all = plan(effort);
  let done = 0;
  await inLanes(all, LANES, signal, async (each, index) => {
    const outcome = await each({ bin, writer, scratch, random: random.fork(`${index}`) });
    count.add(outcome.what, outcome.problems, outcome.lost, outcome.tried);
    for (const [name, value] of outcome.figures ?? []) count.figure(name, value);
    progress(++done, all.length);
  });
  return count.tally();
}

export const disk: Part = {
  name: 'disk',
  promise:
    'a full, read-only or failing disk is told and counted, lines stay whole, all is well once the disk is; rotation loses and repeats nothing',
  unit: 'rotations and troubles',
  run,
};
