/** What the cases of this part share. */
import { join } from 'node:path';
import type { Random } from '../../../../src/kernel/index.js';
import { cleanEnv, Program, type StartOptions } from '../../support/programs.js';

export interface Ground {
  readonly bin: string;
  /** The embedding program. */
  readonly writer: string;
  readonly scratch: string;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** What became of one or several tries. */
export interface Outcome {
  readonly what: string;
  readonly tried: number;
  readonly problems: readonly string[];
  readonly lost?: number;
  readonly figures?: readonly (readonly [name: string, value: string])[];
}

export const READY_MS = 15_000;
/** How soon trouble must be told, and its end. */
export const TOLD_MS = 8_000;

export function environment({ scratch }: Ground, folder: string): Record<string, string> {
  return cleanEnv(join(scratch, 'home'), { XDG_RUNTIME_DIR: folder, TMPDIR: scratch });
}

export function cfBus(
  ground: Ground,
  folder: string,
  args: readonly string[],
  options: Partial<StartOptions> = {},
): Program {
  return new Program(ground.bin, args, { cwd: folder, env: environment(ground, folder), ...options });
}

/** A run of this many events a second, each with one that follows, without a terminal. */
export function runScenario(perSecond: number): string {
  return `version: 1
name: Disk
seed: 1
services:
  worker:
    handlers:
      work: { subscribe: disk.tick, publish: { type: disk.tock } }
      note: { subscribe: disk.tock }
requests:
  - { name: tick, trace_id: "tick-{{ sequence }}", flow: [{ publish: { type: disk.tick } }] }
phases:
  - { duration: 1h, arrival_rate: ${perSecond} }
`;
}

/** What a writer prints at its end. */
export interface Written {
  readonly published: number;
  readonly records: number;
  readonly seconds: number;
  /** Why its log could not be closed without loss; empty where it could. */
  readonly refused: string;
}

/** Ends a writer, and gives what it printed. */
export async function endWriter(program: Program): Promise<Written | undefined> {
  program.kill('SIGTERM');
  const ended = await program.within(READY_MS);
  if (ended?.code !== 0) return undefined;
  const { published, records, seconds, refused } = JSON.parse(program.stdout);
  return { published: Number(published), records: Number(records), seconds: Number(seconds), refused: String(refused) };
}

export function occurrences(text: string, part: string): number {
  return text.split(part).length - 1;
}
