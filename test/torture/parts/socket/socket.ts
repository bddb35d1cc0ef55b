/**
 * Bad clients at the control socket: 500 at a time (100 in the short form), of every kind that can be thought of, while
 * the session is as busy as it can be. What the bus gets done is compared window by window, with the crowd and without:
 * events for each second of the session's own processor time, since on a machine that others use the clock on the wall
 * tells of the others. Then the limits one by one, other users, folders open to them, pids used again, starts at once.
 */
import { chmodSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeError } from '../../../../src/kernel/index.js';
import type { Part, PartContext, Tally } from '../../part.js';
import { Count } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { copyProgram } from '../../support/programs.js';
import { BusySession } from './busy-session.js';
import { LIMITS } from './limits.js';
import { resist, type Siege } from './resist.js';
import { ATTEMPTS } from './strangers.js';

interface Plan extends Siege {
  /** How often each attempt of others is made. */
  readonly rounds: number;
}

/** Attempts at a time: most of each is waiting for programs to start. */
const LANES = 3;

const FULL: Plan = { clients: 500, windows: 8, windowMs: 6_000, rounds: 10 };
const PLANS: Readonly<Record<PartContext['effort'], Plan>> = {
  short: { clients: 100, windows: 2, windowMs: 2_000, rounds: 1 },
  full: FULL,
  long: { ...FULL, windows: 60, rounds: 50 },
};

export const socket: Part = {
  name: 'socket',
  promise: 'whoever connects: the bus keeps its rate, honest clients are served, limits hold, other users get nothing',
  unit: 'connections and attempts',
  run,
};

async function run(context: PartContext): Promise<Tally> {
  const plan = PLANS[context.effort];
  const count = new Count();
  // Other users may enter: what keeps them out is the folder that cf-bus makes.
  chmodSync(context.scratch, 0o755);
  const launcher = copyProgram(context.root, join(context.scratch, 'p'));
  await resist(launcher, plan, context, count);
  if (!context.signal.aborted) await holdLimits(launcher, context.scratch, count);
  await meetStrangers(launcher, plan.rounds, context, count);
  return count.tally();
}

async function holdLimits(launcher: string, folder: string, count: Count): Promise<void> {
  const session = await BusySession.open(launcher, folder, false);
  try {
    for (const { name, act } of LIMITS) count.add(name, await tried(() => act(session.found)));
  } finally {
    session.kill();
  }
}

async function meetStrangers(launcher: string, rounds: number, { scratch, signal }: PartContext, count: Count) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot) count.figure('other users', 'not tried: only root can become one');
  const all = Array.from({ length: rounds }, () => ATTEMPTS.filter(({ needsRoot }) => isRoot || !needsRoot)).flat();
  await inLanes(all, LANES, signal, async ({ name, act }, index) => {
    const folder = join(scratch, `s${index}`);
    mkdirSync(folder, { mode: 0o755 });
    count.add(name, await tried(() => act({ launcher, folder })));
    rmSync(folder, { recursive: true, force: true });
  });
}

async function tried(act: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await act();
  } catch (error) {
    return [`the attempt itself failed: ${describeError(error).message}`];
  }
}
