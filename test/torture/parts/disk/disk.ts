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
import { fileLimit, fullAgainAndAgain, fullAtTheEnd, fullForLong, fullFromTheStart } from './full.js';
import type { Ground, Outcome } from './ground.js';
import { fullOutputs } from './outputs.js';
import { lockedFolder, readOnlyDisk } from './read-only.js';
import { removedFromARun, removedUnderLoad, replaced } from './removed.js';
import { copyAndTruncate, renameAlone, renameAndHup } from './rotation.js';
import { SmallDisk } from './small-disk.js';

type Case = (ground: Ground) => Promise<Outcome>;

/** 100 rotations, or a few. They come first, and alone: the machine must manage 5,000 events a second twice. */
function rotations(effort: Effort): Case[] {
  const size = (full: number, short: number) => (effort === 'short' ? short : full);
  return [
    (ground) => renameAndHup(ground, size(34, 6)),
    (ground) => renameAlone(ground, size(33, 2)),
    (ground) => copyAndTruncate(ground, size(17, 4), false),
    (ground) => copyAndTruncate(ground, size(16, 4), true),
  ];
}

function troubles(effort: Effort): Case[] {
  const size = (full: number, short: number) => (effort === 'short' ? short : full);
  return [
    (ground) => removedUnderLoad(ground, size(12, 3)),
    onSmallDisk((ground, small) => fullAgainAndAgain(ground, small, size(10, 2))),
    onSmallDisk(fullForLong),
    fullOutputs,
    (ground) => fileLimit(ground, 'truncated'),
    (ground) => fileLimit(ground, 'raised'),
    (ground) => replaced(ground, 'directory'),
    (ground) => replaced(ground, 'link'),
    removedFromARun,
    lockedFolder,
    onSmallDisk(fullFromTheStart),
    onSmallDisk(fullAtTheEnd),
    onSmallDisk(readOnlyDisk),
  ];
}

const MEGABYTES = 48;
let disks = 0;

/** A case that needs a disk of its own; without the right to mount one it is left out, and the table says so. */
function onSmallDisk(play: (ground: Ground, small: SmallDisk) => Promise<Outcome>): Case {
  return async (ground) => {
    const small = SmallDisk.mount(join(ground.scratch, `disk${++disks}`), MEGABYTES);
    if (small === undefined) return { what: 'a small disk', tried: 0, problems: [] };
    try {
      return await play(ground, small);
    } finally {
      small.dispose();
    }
  };
}

async function run({ effort, root, scratch, random, signal, progress }: PartContext): Promise<Tally> {
  const bin = copyProgram(root, join(scratch, 'p'));
  const writer = await bundle('parts/disk/writer.ts');
  const count = new Count();
  const [first, then] = [rotations(effort), troubles(effort)];
  let done = 0;
  let leftOut = 0;
  const play = async (each: Case, index: number) => {
    try {
      const outcome = await each({ bin, writer, scratch, random: random.fork(`${index}`), signal });
      count.add(outcome.what, outcome.problems, outcome.lost, outcome.tried);
      if (outcome.tried === 0) leftOut++;
      for (const [name, value] of outcome.figures ?? []) count.figure(name, value);
    } catch (error) {
      count.addBroken(`case ${index}`, error);
    }
    progress(++done, first.length + then.length);
  };
  await inLanes(first, 2, signal, play);
  await inLanes(then, 4, signal, play);
  if (leftOut > 0) count.figure('left out', `${leftOut} cases: no right to mount a disk`);
  return count.tally();
}

export const disk: Part = {
  name: 'disk',
  promise:
    'a full, read-only or failing disk is told and counted, lines stay whole, all is well once the disk is; rotation loses and repeats nothing',
  unit: 'rotations and troubles',
  run,
};
