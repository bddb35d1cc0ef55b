/** Commands that start, reach or end a session: what they take. Their work is loaded when they are called. */
import type { Command } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { duration } from '../option-values.js';

export interface StopOptions {
  readonly session?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export function defineRunning(program: Command, act: Act): void {
  addCommand(program, 'stop', 'end a session in good order', [
    ['cf-bus stop', 'the session started in this directory'],
    ['cf-bus stop hello', 'by name'],
  ])
    .argument('[session]', 'name or id of the session (default: the one started in this directory)')
    .option('--session <name>', 'the same, as an option')
    .option('--timeout <time>', 'how long to wait until it has ended', duration, 30_000)
    .action(
      act(async (context, name: string | undefined, options: StopOptions) => {
        const { stop } = await import('../commands/stop.js');
        return stop(context, name, options);
      }),
    );
}
