/**
 * A session with its dashboard at 1,000 events a second for half an hour (16 s in the short form, 8 h in the long one),
 * with a second dashboard, a tail, four clients that publish, commands that come and go, and a log that is rotated.
 * Afterwards the memory that is held must not have grown, nor the descriptors, and every figure must add up: what was
 * published, what clients were told, what the log holds, what the statistics say, what the tail showed.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../bundle.mjs';
import type { Part, PartContext, Tally } from '../../part.js';
import { pause } from '../../support/programs.js';
import { type Figures, judgeFigures } from './figures.js';
import { judgeHoldings } from './holdings.js';
import { SoakSession } from './session.js';

interface Plan {
  readonly seconds: number;
  /** Until caches, rings and V8's own data are full. */
  readonly warmUpSeconds: number;
  readonly sampleSeconds: number;
  readonly rotateSeconds: number;
  /** Between two short-lived commands. */
  readonly commandSeconds: number;
}

const PLANS: Readonly<Record<PartContext['effort'], Plan>> = {
  short: { seconds: 16, warmUpSeconds: 6, sampleSeconds: 2, rotateSeconds: 6, commandSeconds: 4 },
  full: { seconds: 30 * 60, warmUpSeconds: 6 * 60, sampleSeconds: 10, rotateSeconds: 30, commandSeconds: 5 },
  long: { seconds: 8 * 3_600, warmUpSeconds: 15 * 60, sampleSeconds: 60, rotateSeconds: 30, commandSeconds: 15 },
};

export const soak: Part = {
  name: 'soak',
  promise: 'holds no more after half an hour at 1,000 events/s than after the warm-up, and every figure adds up',
  unit: 'events',
  run,
};

async function run(context: PartContext): Promise<Tally> {
  const plan = PLANS[context.effort];
  const sampler = pathToFileURL(await bundle('parts/soak/sampler.ts')).href;
  mkdirSync(join(context.scratch, 'samples'));
  writeFileSync(join(context.scratch, 'soak.yaml'), SoakSession.scenario);
  const session = new SoakSession(context.root, context.scratch, sampler, plan.seconds, plan.sampleSeconds);
  try {
    await session.open();
    await keepBusy(session, plan, context);
    const figures = await session.end();
    return judge(figures, plan, context);
  } finally {
    await session.kill();
    keepSamples(context);
  }
}

/** For a look at how a figure that rose did so. */
function keepSamples({ root, scratch }: PartContext): void {
  const kept = join(root, 'node_modules/.cache/cf-bus-torture/soak-samples');
  rmSync(kept, { recursive: true, force: true });
  cpSync(join(scratch, 'samples'), kept, { recursive: true });
}

/** Lets it run, rotates its log, and sends commands that come and go. */
async function keepBusy(session: SoakSession, plan: Plan, { signal, progress }: PartContext): Promise<void> {
  const begin = performance.now();
  let rotateAt = plan.rotateSeconds;
  let commandAt = plan.commandSeconds;
  for (;;) {
    const elapsed = (performance.now() - begin) / 1_000;
    if (elapsed >= plan.seconds || signal.aborted || session.brokenDown) return;
    progress(Math.floor(elapsed), plan.seconds);
    if (elapsed >= rotateAt) {
      rotateAt += plan.rotateSeconds;
      await session.log.rotate();
    }
    if (elapsed >= commandAt) {
      commandAt += plan.commandSeconds;
      await session.runCommands();
    }
    await pause(200);
  }
}

function judge(figures: Figures, plan: Plan, { scratch, effort }: PartContext): Tally {
  const books = judgeFigures(figures);
  // In seconds nothing can be said of slopes: descriptors alone are compared.
  const held = judgeHoldings(join(scratch, 'samples'), plan.warmUpSeconds, effort !== 'short');
  return {
    tried: figures.published,
    survived: figures.inLog,
    lost: Math.max(0, figures.published - figures.inLog) + Math.max(0, figures.acknowledged - figures.pokesInLog),
    figures: [...books.figures, ...held.figures],
    failures: [...books.failures, ...held.failures],
  };
}
