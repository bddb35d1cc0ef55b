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
/** 32 clients with 4 MiB each, and what the allocator adds. */
const MOST_MEMORY_MIB = 200;
const LEAVE_MS = 10_000;

interface Windows {
  /** Events for a second of processor time, without the crowd and with it; pairs belong together. */
  readonly pairs: (readonly [quiet: number, crowded: number])[];
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
    const problems = judge(windows, memoryMiB);
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
  const quiet = await rateOf(session, windowMs);
  windows.quietP99.push(honest.takeP99());
  crowd.start();
  await pause(SETTLE_MS);
  windows.pairs.push([quiet, await rateOf(session, windowMs)]);
  windows.memoryMiB = Math.max(windows.memoryMiB, session.residentMiB);
  const { tried, asItMust, turnedAway, problems } = await crowd.stop();
  windows.crowdedP99.push(honest.takeP99());
  windows.asItMust += asItMust;
  windows.turnedAway += turnedAway;
  for (let index = 0; index < asItMust + turnedAway; index++) count.add('a connection', []);
  for (let index = asItMust + turnedAway; index < tried; index++) count.add('a connection', [...problems]);
}

async function rateOf(session: BusySession, windowMs: number): Promise<number> {
  const before = await session.work();
  await pause(windowMs);
  return rate(before, await session.work());
}

function rate(before: Work, after: Work): number {
  return (after.events - before.events) / (after.cpu - before.cpu);
}

function judge(windows: Windows, memoryBefore: number): string[] {
  const problems: string[] = [];
  const slowdown = slowdownOf(windows);
  if (slowdown > MOST_SLOWDOWN) problems.push(`the bus is ${(slowdown * 100).toFixed(1)} % slower`);
  const grown = windows.memoryMiB - memoryBefore;
  if (grown > MOST_MEMORY_MIB) problems.push(`it took ${grown.toFixed(0)} MiB more`);
  return problems;
}

/** Of the pairs: the middle one. */
function slowdownOf({ pairs }: Windows): number {
  return 1 - median(pairs.map(([quiet, crowded]) => crowded / quiet));
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
  const [quiet, crowded] = [0, 1].map((side) => median(pairs.map((pair) => pair[side] ?? 0)));
  count.figure(
    'events for a second of processor time',
    `${quiet?.toFixed(0)} alone, ${crowded?.toFixed(0)} with the crowd`,
  );
  count.figure('slower by', `${(slowdownOf(windows) * 100).toFixed(1)} %`);
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
