/** `bench`: what it takes. Its work is loaded when it is called. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { duration } from '../option-values.js';

export interface BenchOptions {
  /** Milliseconds. */
  readonly duration: number;
  readonly json?: true;
  /** Be the HTTP service that is measured; the command starts itself so. */
  readonly httpService?: true;
}

/** Each way has its share of it, in several rounds; with less there would be nothing to take a median of. */
const LEAST_MS = 200;

function measuringTime(text: string): number {
  const value = duration(text);
  if (value >= LEAST_MS) return value;
  throw new InvalidArgumentError(`It must be ${LEAST_MS}ms or more.`);
}

export function defineBench(program: Command, act: Act): void {
  addCommand(program, 'bench', 'measure HTTP calls against the event bus, on this machine', [
    ['cf-bus bench', 'latency and throughput, with and without the log, in about ten seconds'],
    ['cf-bus bench --duration 1s', 'a first impression'],
    ["cf-bus bench --json | jq '.ways[] | {name, p99: .latency_us.p99}'", 'for a script'],
  ])
    .addOption(new Option('--duration <time>', 'how long to measure').argParser(measuringTime).default(8_000, '8s'))
    .option('--json', 'print JSON: {node, cpu, cores, duration_ms, in_flight, ways}')
    .addOption(new Option('--http-service').hideHelp())
    .action(
      act(async (context, options: BenchOptions) => {
        const { bench } = await import('../commands/bench.js');
        return bench(context, options);
      }),
    );
}
