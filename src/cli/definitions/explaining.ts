/** Commands that explain what a log holds: what they take. Their work is loaded when they are called. */
import type { Command } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { duration } from '../option-values.js';

export interface DiffOptions {
  readonly log?: string;
  readonly sessionA?: string;
  readonly sessionB?: string;
  /** Milliseconds. */
  readonly least?: number;
  readonly json?: true;
}

export interface WhyOptions {
  readonly log?: string;
  readonly session?: string;
  readonly json?: true;
}

const LOG_HELP = 'log file (default: CF_BUS_LOG, else logs/cf-bus.log)';

export function defineDiff(program: Command, act: Act): void {
  addCommand(program, 'diff', 'what is missing, extra, slower or reordered between two requests', [
    ['cf-bus diff req-1 req-2', 'both from the default log'],
    ['cf-bus diff req-1 req-1', 'the same id in the last two runs'],
    ["cf-bus diff req-1 req-9 'logs/*.log' --least 50ms", 'times count from 50 ms on'],
    ['cf-bus diff req-1 req-2 --json | jq .differences', 'for a script'],
  ])
    .argument('<trace_a>', 'id of the first request')
    .argument('<trace_b>', 'id of the second')
    .argument('[file...]', 'log files, or globs')
    .option('--log <file>', LOG_HELP)
    .option('--session-a <id>', 'the run that the first is from')
    .option('--session-b <id>', 'the run that the second is from')
    .option('--least <time>', 'from which difference on a time counts (default: 1ms, and a fifth of it)', duration)
    .option('--json', 'print JSON')
    .action(
      act(async (context, a: string, b: string, files: readonly string[], options: DiffOptions) => {
        const { diff } = await import('../commands/diff.js');
        return diff(context, [a, b], files, options);
      }),
    );
}

export function defineWhy(program: Command, act: Act): void {
  addCommand(program, 'why', 'for each subscriber: was an event delivered to it, and if not, why', [
    ['cf-bus why evt-00000001', 'from the default log'],
    ["cf-bus trace req-1 --json | jq -r '.events[].event_id'", 'the ids of the events of a request'],
    ['cf-bus why evt-00000001 --json', 'for a script'],
  ])
    .argument('<event_id>', 'id of the event')
    .argument('[file...]', 'log files, globs, or - for standard input')
    .option('--log <file>', LOG_HELP)
    .option('--session <id>', 'only this run of the log')
    .option('--json', 'print JSON')
    .action(
      act(async (context, id: string, files: readonly string[], options: WhyOptions) => {
        const { why } = await import('../commands/why.js');
        return why(context, id, files, options);
      }),
    );
}
