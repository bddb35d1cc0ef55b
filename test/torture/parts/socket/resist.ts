/** A busy session and a crowd of bad clients: what the bus gets done with them and without, and whether others are served. */
import { bundle } from '../../bundle.mjs';
import type { PartContext } from '../../part.js';
import type { Count } from '../../support/count.js';
import { pause, until } from '../../support/programs.js';
import { BusySession, Crowd, type Work } from './busy-session.js';
import { Honest } from './honest.js';

export interface Siege {
  readonly clients: number;
  /** Windows with the crowd; each has one without beside it. */
  readonly windows: number;
  readonly windowMs: number;
}

/** The crowd comes in, and the session gets warm. */
const SETTLE_MS = 1_000;
const MOST_SLOWDOWN = 0.1;
/** Seconds of processor time that a window takes at least: less cannot be told apart. */
const LEAST_CPU = 0.5;
/** A window is not longer than so many times what it should be, even where others use the machine. */
const MOST_TIMES = 5;
/** By the limits: 4 MiB of output for each of 32 clients, 1 MiB of a line for each of 256 that have not said hello. */
const MOST_MEMORY_MIB = 32 * 4 + 256;
const LEAVE_MS = 10_000;

interface Windows {
  /** What was done in windows without the crowd and with it; pairs belong together. */
  readonly pairs: (readonly [quiet: Work, crowded: Work])[];
  /** Milliseconds in which all but one in a hundred honest publishes were acknowledged. */
  readonly quietP99: number[];
  readonly crowdedP99: number[];
  memoryMiB: number;
  asItMust: number;
  turnedAway: number;
}

/** @throws Error where the session does not start. */
export async function resist(launcher: string, siege: Siege, context: PartContext, count: Count): Promise<void> {
  const session = await BusySession.open(launcher, context.scratch, true);
  const crowd = new Crowd(await bundle('parts/socket/crowd.ts'), session.found.socket, siege.clients);
  try {
    await pause(SETTLE_MS);
    const descriptors = session.descriptors;
    const memoryMiB = session.residentMiB;
    const honest = new Honest(session.found);
    const windows: Windows = { pairs: [], quietP99: [], crowdedP99: [], memoryMiB, asItMust: 0, turnedAway: 0 };
    for (let index = 0; index < siege.windows && !context.signal.aborted; index++) {
      context.progress(index, siege.windows);
      await besiege(session, crowd, honest, siege.windowMs, windows, count);
    }
    await honest.stop();
    const left = await until(() => (session.descriptors <= descriptors ? 0 : undefined), LEAVE_MS);
    const problems = judge(windows, memoryMiB, context.effort);
    if (left === undefined) problems.push(`${session.descriptors} descriptors are open, of ${descriptors} before`);
    await judgeHonest(session, honest, count);
    if ((await session.stop()) !== 143) problems.push('it did not end in good order');
    count.add('a busy session', problems);
    tell(windows, memoryMiB, siege.clients, count);
  } finally {
    crowd.close();
    session.kill();
  }
}

/** One window without the crowd, and one with it. */
async function besiege(
  session: BusySession,
  crowd: Crowd,
  honest: Honest,
  windowMs: number,
  windows: Windows,
  count: Count,
): Promise<void> {
  honest.takeP99();
  const quiet = await workIn(session, windowMs);
  windows.quietP99.push(honest.takeP99());
  crowd.start();
  await pause(SETTLE_MS);
  windows.pairs.push([quiet, await workIn(session, windowMs)]);
  windows.memoryMiB = Math.max(windows.memoryMiB, session.residentMiB);
  const { tried, asItMust, turnedAway, problems } = await crowd.stop();
  windows.crowdedP99.push(honest.takeP99());
  windows.asItMust += asItMust;
  windows.turnedAway += turnedAway;
  for (let index = 0; index < asItMust + turnedAway; index++) count.add('a connection', []);
  for (let index = asItMust + turnedAway; index < tried; index++) {
    count.add('a connection', [problems[index % problems.length] ?? 'it went wrong']);
  }
}

/** What is done in a window. */
async function workIn(session: BusySession, windowMs: number): Promise<Work> {
  const before = await session.work();
  for (let times = 1; ; times++) {
    await pause(windowMs);
    const { events, cpu, seconds } = await session.work();
    const work = { events: events - before.events, cpu: cpu - before.cpu, seconds: seconds - before.seconds };
    if (work.cpu >= LEAST_CPU || times === MOST_TIMES) return work;
  }
}

function judge(windows: Windows, memoryBefore: number, effort: PartContext['effort']): string[] {
  const problems: string[] = [];
  const slowdown = slowdownOf(windows);
  // Two short windows tell nothing exact of a machine that does other things, too: the figure stands in the table alone.
  if (slowdown > MOST_SLOWDOWN && effort !== 'short')
    problems.push(`the crowd takes ${(slowdown * 100).toFixed(1)} % of a processor`);
  const grown = windows.memoryMiB - memoryBefore;
  if (grown > MOST_MEMORY_MIB) problems.push(`it took ${grown.toFixed(0)} MiB more`);
  return problems;
}

/**
 * The share of a processor that the crowd takes: what the session used beyond what its events cost without the crowd, for
 * each second. A bus that has a processor to itself is so much slower; and unlike a plain ratio this does not depend on
 * what others leave of the machine. Of all pairs the middle one.
 */
function slowdownOf({ pairs }: Windows): number {
  return median(
    pairs.map(([quiet, crowded]) => (crowded.cpu - (crowded.events * quiet.cpu) / quiet.events) / crowded.seconds),
  );
}

/** What honest clients were told is so. */
async function judgeHonest(session: BusySession, honest: Honest, count: Count): Promise<void> {
  const counts = await session.eventCounts();
  const lost = honest.acknowledged - (counts['guest.came'] ?? 0);
  count.add('honest clients', lost === 0 ? [] : [`${lost} acknowledged publishes are not in the statistics`], lost);
  for (const failure of honest.failures) count.fail(failure);
  count.figure('honest publishes', honest.acknowledged);
}

function tell(windows: Windows, memoryBefore: number, clients: number, count: Count): void {
  const { pairs, quietP99, crowdedP99, memoryMiB, asItMust, turnedAway } = windows;
  count.figure('clients at a time', clients);
  count.figure('connections', `${asItMust} handled, ${turnedAway} turned away`);
  const rate = (works: readonly Work[]) => median(works.map(({ events, cpu }) => events / cpu)).toFixed(0);
  count.figure(
    'events for a second of processor time',
    `${rate(pairs.map(([quiet]) => quiet))} alone, ${rate(pairs.map(([, crowded]) => crowded))} with the crowd`,
  );
  count.figure('the crowd takes', `${(slowdownOf(windows) * 100).toFixed(1)} % of a processor`);
  count.figure(
    'honest p99',
    `${median(quietP99).toFixed(0)} ms alone, ${median(crowdedP99).toFixed(0)} ms with the crowd`,
  );
  count.figure('memory', `${memoryBefore.toFixed(0)} MiB alone, ${memoryMiB.toFixed(0)} with the crowd`);
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
