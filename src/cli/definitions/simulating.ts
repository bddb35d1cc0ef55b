/** Commands that bring a scenario alive: what they take. Their work is loaded when they are called. */
import { type Command, Option } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { collect, duration, positiveNumber, seedRange, wholeNumber } from '../option-values.js';

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
  readonly screenReader?: true;
}

export interface CheckOptions {
  readonly json?: true;
  readonly junit?: string;
  readonly seed?: number;
  /** First and last, both included. */
  readonly seeds?: readonly [number, number];
  readonly log?: string;
  readonly duration?: number;
  readonly drain: number;
  readonly set?: readonly string[];
  readonly allowModules?: true;
}

export interface CaptureOptions {
  readonly log?: readonly string[];
  readonly session?: string;
  readonly output?: string;
  readonly force?: true;
}

const DRAIN_MS = 30_000;

export function defineRun(program: Command, act: Act): void {
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
    .option('--screen-reader', 'the dashboard as lines that announce changes, without boxes')
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

export function defineCheck(program: Command, act: Act): void {
  addCommand(program, 'check', 'run scenarios in virtual time and judge what they expect', [
    ['cf-bus check scenarios/*.yaml', 'for CI: one line a scenario, exit 1 where one fails'],
    ['cf-bus check race.yaml --seeds 1..500', 'the first of 500 seeds that fails, and how to see it again'],
    ['cf-bus check scenarios/*.yaml --junit report.xml', 'a report for the CI server'],
  ])
    .argument('<scenario...>', 'scenario files, or names of shipped ones')
    .option('--json', 'print JSON')
    .option('--junit <file>', 'write a JUnit report')
    .option('--seed <n>', 'seed of all randomness (default: the scenario’s, else 1)', wholeNumber(0))
    .addOption(
      new Option('--seeds <from..to>', 'try many seeds, up to the first that fails')
        .argParser(seedRange)
        .conflicts('seed'),
    )
    .option('--log <file>', 'log every run to this file (default: failing runs only, under logs/check/)')
    .option('--duration <time>', 'end the traffic after this much virtual time', duration)
    .option('--drain <time>', 'how long what is under way may take after that', duration, DRAIN_MS)
    .option('--set <name=value>', 'set a variable of the scenario (repeatable)', collect)
    .option('--allow-modules', 'run the code of "module" handlers; it can do what you can do')
    .action(
      act(async (context, files: readonly string[], options: CheckOptions) => {
        const { check } = await import('../commands/check.js');
        return check(context, files, options);
      }),
    );
}

export function defineCapture(program: Command, act: Act): void {
  addCommand(program, 'capture', 'turn a logged request into a scenario file', [
    ['cf-bus capture req-12345', 'print the scenario'],
    ['cf-bus capture req-12345 -o slow-index.yaml', 'write it, ready for cf-bus check'],
  ])
    .argument('<trace_id>', 'trace id of the request')
    .option('--log <file>', 'the log that holds it (repeatable; default: CF_BUS_LOG, else logs/cf-bus.log)', collect)
    .option('--session <id>', 'take the trace of this session (default: the newest)')
    .option('-o, --output <file>', 'write to this file')
    .option('--force', 'write over an existing file')
    .action(
      act(async (context, traceId: string, options: CaptureOptions) => {
        const { capture } = await import('../commands/capture.js');
        return capture(context, traceId, options);
      }),
    );
}
