/** Commands that start, reach or end a session: what they take. Their work is loaded when they are called. */
import { type Command, Option } from 'commander';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { collect, duration, positiveNumber, wholeNumber } from '../option-values.js';

export interface PublishOptions {
  /** `true` for a bare `--payload`: standard input. */
  readonly payload?: string | true;
  readonly set?: readonly string[];
  readonly source: string;
  readonly traceId?: string;
  readonly session?: string;
  readonly scenario?: string;
  readonly allowModules?: true;
  readonly log?: string;
  readonly count: number;
  /** Events a second. */
  readonly rate?: number;
  /** False for `--no-wait`. */
  readonly wait: boolean;
  /** Milliseconds. */
  readonly timeout: number;
  readonly json?: true;
}

export interface StopOptions {
  readonly session?: string;
  /** Milliseconds. */
  readonly timeout: number;
}

export function definePublish(program: Command, act: Act): void {
  addCommand(program, 'publish', 'put an event on the running bus, and show what it causes', [
    [
      `cf-bus publish index.updated --payload '{"repo_path": "/srv/web", "files_indexed": 150}'`,
      'into the session in this directory',
    ],
    ['cf-bus publish index.started --set repo_path=/srv/web --trace-id req-12345', 'with a trace id of your own'],
    [
      'jq .payload event.json | cf-bus publish llm.response --payload -',
      'payload from standard input; @FILE reads a file',
    ],
    ['cf-bus publish query.received --scenario rag-query', 'without a session: into the services of a scenario'],
    ['cf-bus publish health.check --count 100 --rate 20', 'a hundred, twenty a second'],
  ])
    .argument('<type>', 'event type, e.g. index.updated (cf-bus types lists the well-known ones)')
    .option('--payload [json]', 'payload: JSON, @FILE, or - for standard input (default: {})')
    .option('--set <key=value>', 'set one key of the payload: a.b=1 (repeatable)', collect)
    .option('--source <name>', 'who publishes it', 'cli')
    .option('--trace-id <id>', 'the request it belongs to (default: a new one)')
    .option('--session <name>', 'session to publish into (default: the one started in this directory)')
    .addOption(
      new Option('--scenario <file>', 'use a bus of its own with the services of this scenario').conflicts('session'),
    )
    .option('--allow-modules', 'with --scenario: run the code of "module" handlers')
    .option('--log <file>', 'log of a bus of its own (default: CF_BUS_LOG, else logs/cf-bus.log; "off": none)')
    .option('--count <n>', 'publish it so many times', wholeNumber(1), 1)
    .option('--rate <n>', 'so many a second (default: one after the other)', positiveNumber)
    .option('--no-wait', 'do not wait for what it causes')
    .addOption(new Option('--timeout <time>', 'how long to wait for that').argParser(duration).default(30_000, '30s'))
    .option('--json', 'print JSON: {event_id, trace_id, session, settled, failed, tree}')
    .action(
      act(async (context, type: string, options: PublishOptions) => {
        const { publish } = await import('../commands/publish.js');
        return publish(context, type, options);
      }),
    );
}

export function defineStop(program: Command, act: Act): void {
  addCommand(program, 'stop', 'end a session in good order', [
    ['cf-bus stop', 'the session started in this directory'],
    ['cf-bus stop hello', 'by name'],
  ])
    .argument('[session]', 'name or id of the session (default: the one started in this directory)')
    .option('--session <name>', 'the same, as an option')
    .addOption(
      new Option('--timeout <time>', 'how long to wait until it has ended').argParser(duration).default(40_000, '40s'),
    )
    .action(
      act(async (context, name: string | undefined, options: StopOptions) => {
        const { stop } = await import('../commands/stop.js');
        return stop(context, name, options);
      }),
    );
}
