/** Commands that bring a scenario alive: what they take. Their work is loaded when they are called. */
import type { Command } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { collect, duration, positiveNumber, wholeNumber } from '../option-values.js';

export interface RunOptions {
  readonly log?: string;
  /** False for `--no-ui`. */
  readonly ui: boolean;
  readonly json?: true;
  readonly seed?: number;
  readonly speed?: number;
  readonly virtual?: true;
  /** Milliseconds of scenario time. */
  readonly duration?: number;
  readonly drain: number;
  readonly set?: readonly string[];
  readonly session?: string;
  readonly stay?: true;
  readonly watch?: true;
  readonly logPayloads?: true;
  readonly redact?: readonly string[];
  readonly allowModules?: true;
}

const DRAIN_MS = 30_000;

export function defineSimulating(program: Command, act: Act): void {
  addCommand(program, 'run', 'bring a scenario alive: a bus, its services, its traffic', [
    ['cf-bus run scenarios/index-pipeline.yaml', 'watch it; q or Ctrl-C ends it'],
    ['cf-bus run hello --stay', 'a shipped scenario by name, up until Ctrl-C, so that others can publish into it'],
    ['cf-bus run load.yaml --speed 10 --seed 7', 'ten times as fast, with the draws of seed 7'],
    ['cf-bus run load.yaml --virtual', 'in virtual time: the same seed gives the same log'],
    ['cf-bus run shop.yaml --json | jq -r \'select(.level == "error").error\'', 'its records, for a script'],
  ])
    .argument('[scenario]', 'scenario file, or the name of a shipped one (left out: lists those)')
    .option('--log <file>', 'log to this file (default: CF_BUS_LOG, else logs/cf-bus.log; "off": none)')
    .option('--no-ui', 'plain lines, also on a terminal')
    .option('--json', 'print the records as NDJSON instead of lines')
    .option('--seed <n>', 'seed of all randomness (default: the scenario’s, else a new one)', wholeNumber(0))
    .option('--speed <n>', 'times real time', positiveNumber)
    .option('--virtual', 'virtual time: as fast as it goes, repeatable; the log is begun afresh')
    .option('--duration <time>', 'end the traffic after this much scenario time', duration)
    .option('--drain <time>', 'how long what is under way may take after that', duration, DRAIN_MS)
    .option('--set <name=value>', 'set a variable of the scenario (repeatable)', collect)
    .option('--session <name>', 'name for publish, stats and others to find it by')
    .option('--stay', 'without a dashboard: stay up after the traffic, until a signal')
    .option('--watch', 'load the scenario again when the file changes')
    .option('--log-payloads', 'log payloads, not only their keys')
    .option('--redact <path...>', 'payload paths to keep out of the log: user.password, items[*].card')
    .option('--allow-modules', 'run the code of "module" handlers; it can do what you can do')
    .action(
      act(async (context, scenario: string | undefined, options: RunOptions) => {
        const { run } = await import('../commands/run.js');
        return run(context, scenario, options);
      }),
    );
}
