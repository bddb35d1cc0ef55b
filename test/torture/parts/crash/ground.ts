/** What the victims of this part share: the program under test, folders, and looks at what was left behind. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRaw } from '../../support/looks.js';
import { cleanEnv, Program } from '../../support/programs.js';

export interface Ground {
  /** The launcher of a copy of the built program. */
  readonly bin: string;
  /** The embedding program. */
  readonly victim: string;
  readonly scratch: string;
}

/** Milliseconds that a command which reads a log may take on a busy machine. */
const COMMAND_MS = 20_000;

/** The environment of a victim whose sockets lie below `folder`. */
export function environment({ scratch }: Ground, folder: string): Record<string, string> {
  return cleanEnv(join(scratch, 'home'), { XDG_RUNTIME_DIR: folder });
}

/** Runs `cf-bus` to its end in `folder`. Gives what it printed, or what was wrong. */
export async function cfBus(
  ground: Ground,
  folder: string,
  args: readonly string[],
  expected: readonly number[] = [0],
): Promise<{ readonly stdout: string; readonly problems: readonly string[] }> {
  const pieces: string[] = [];
  const program = new Program(ground.bin, args, {
    cwd: folder,
    env: environment(ground, folder),
    onOutput: (text) => pieces.push(text),
  });
  const ended = await program.within(COMMAND_MS);
  const called = `cf-bus ${args.join(' ')}`;
  const said = program.stderr.trim();
  const problems: string[] = [];
  if (ended === undefined) problems.push(`${called} took longer than ${COMMAND_MS} ms`);
  else if (ended.code === null || !expected.includes(ended.code))
    problems.push(`${called} ended with ${ended.code ?? ended.signal}: ${said}`);
  if (isRaw(said)) problems.push(`${called} shows a stack: ${said}`);
  return { stdout: pieces.join(''), problems };
}

/** Whether `trace` and `stats` work on `log`, and the trace holds the event. */
export async function readBack(
  ground: Ground,
  folder: string,
  log: string,
  expected: { readonly traceId: string; readonly eventId?: string | undefined } | undefined,
): Promise<string[]> {
  if (!existsSync(log)) return [];
  const stats = await cfBus(ground, folder, ['stats', '--json', '--log', log]);
  const problems = [...stats.problems];
  if (expected === undefined) return problems;
  const traced = await cfBus(ground, folder, ['trace', expected.traceId, '--json', '--log', log]);
  problems.push(...traced.problems);
  if (!traced.stdout.includes(expected.eventId ?? expected.traceId))
    problems.push(`trace ${expected.traceId} does not show its event ${expected.eventId ?? ''}`);
  return problems;
}
