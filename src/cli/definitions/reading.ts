/** Commands that read a log or a session: what they take. Their work is loaded when they are called. */
import { type Command, Option } from 'commander';
import type { Level } from '../../record/index.js';
import type { Act } from '../context.js';
import { addCommand } from '../help.js';
import { duration, wholeNumber } from '../option-values.js';

export interface TraceOptions {
  readonly log?: string;
  readonly format?: TraceFormat;
  readonly json?: true;
  readonly output?: string;
  /** URL of a collector. */
  readonly post?: string;
  readonly session?: string;
  readonly all?: true;
  readonly latest?: true;
  readonly list?: true;
  readonly sort?: SortKey;
  readonly failed?: true;
  readonly follow?: true;
  readonly field?: string;
  readonly since?: string;
  readonly until?: string;
  readonly level?: Level;
  /** False for `--no-index`. */
  readonly index: boolean;
  /** Milliseconds. */
  readonly minDuration?: number;
  readonly type?: string;
  readonly service?: string;
  readonly errors?: true;
  readonly depth?: number;
}

export type TraceFormat = (typeof FORMATS)[number];
export type SortKey = 'start' | 'duration' | 'errors';

export interface StatsOptions {
  readonly log?: string;
  readonly session?: string;
  readonly json?: true;
}

export interface TailOptions {
  readonly log?: string;
  readonly session?: string;
  readonly level?: Level;
  readonly type?: string;
  readonly service?: string;
  readonly source?: string;
  readonly trace?: string;
  readonly filter?: string;
  readonly lines: number;
  /** False for `--no-follow`. */
  readonly follow: boolean;
  readonly json?: true;
}

export interface DashOptions {
  readonly log?: string;
  readonly session?: string;
  readonly screenReader?: true;
}

const FORMATS = ['tree', 'waterfall', 'log', 'json', 'mermaid', 'otlp', 'perfetto', 'html', 'csv'] as const;
const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LOG_HELP = 'log file (default: CF_BUS_LOG, else logs/cf-bus.log)';

export function defineTrace(program: Command, act: Act): void {
  addCommand(program, 'trace', 'rebuild one request from a log: what led to what, how long, what failed', [
    ['cf-bus trace req-12345', 'from the default log'],
    ['cf-bus trace req-12345 logs/contextforge.log', 'from another one, its rotated parts included'],
    ['cf-bus trace --latest --format waterfall', 'the newest request, as bars to scale'],
    ['cf-bus trace req-12345 --errors', 'of a big one only what failed, and what led to it'],
    ['cf-bus trace req-12345 --format html -o req.html', 'a page to fold, search and send to others'],
    ['cf-bus trace --list --sort duration', 'all of them, the slowest last'],
    ["cf-bus trace 4bf92f35 'logs/*.log' --since -3h", 'lines of any JSON logger, merged by time'],
    ['kubectl logs deploy/web | cf-bus trace req-12345 -', 'from standard input'],
    ['cf-bus trace -- --odd-id', 'an id that looks like an option'],
  ])
    .argument('[trace_id]', 'id of the request, whole (left out with --latest and --list)')
    .argument('[file...]', 'log files, globs, or - for standard input')
    .option('--log <file>', LOG_HELP)
    .addOption(new Option('--format <name>', 'how to show it').choices(FORMATS))
    .option('--json', 'the same as --format json')
    .option('-o, --output <file>', 'write to a file')
    .option('--post <url>', 'send it as OTLP to the collector there: http://localhost:4318')
    .option('--session <id>', 'only this run of the log')
    .option('--all', 'every run that has this id, not the newest alone')
    .option('--latest', 'the newest trace')
    .option('--list', 'one line for each trace')
    .addOption(new Option('--sort <key>', 'order of --list').choices(['start', 'duration', 'errors']))
    .option('--failed', 'of --list and --latest: those alone that failed')
    .option('-f, --follow', 'then show its lines as they come')
    .option('--field <path>', 'the field that holds the id: req.id (default: the usual ones)')
    .option('--since <time>', 'from then on: -3h, 2026-11-23, 2026-11-23T10:30 (UTC, or with a zone)')
    .option('--until <time>', 'up to then')
    .addOption(new Option('--level <level>', 'of single lines: this level and worse').choices(LEVELS))
    .option('--no-index', 'search all of a large log, and keep no index of it in the cache folder')
    .optionsGroup('To make a big trace small:')
    .option('--min-duration <time>', 'leave out what went well in less time', duration)
    .option('--type <pattern>', 'only events of this type or pattern: index.*')
    .option('--service <name>', 'only deliveries to this service; * stands for any text')
    .option('--errors', 'only what failed')
    .option('--depth <n>', 'only so many levels of events', wholeNumber(1))
    .action(
      act(async (context, id: string | undefined, files: readonly string[], options: TraceOptions) => {
        const { trace } = await import('../commands/trace.js');
        return trace(context, id === undefined ? files : [id, ...files], options);
      }),
    );
}

export function defineStats(program: Command, act: Act): void {
  addCommand(program, 'stats', 'counts by event type and subscriber, of a running session or a log', [
    ['cf-bus stats', 'of the session in this directory, else of its log'],
    ['cf-bus stats --json | jq .event_counts', 'for a script'],
    ['cf-bus stats --log logs/cf-bus.log', 'of the newest session in a log'],
  ])
    .argument('[file...]', 'log files, globs, or - for standard input')
    .option('--log <file>', LOG_HELP)
    .option('--session <name>', 'a running session by name, or a session id in a log')
    .option('--json', 'print JSON')
    .action(
      act(async (context, files: readonly string[], options: StatsOptions) => {
        const { stats } = await import('../commands/stats.js');
        return stats(context, files, options);
      }),
    );
}

export function defineTail(program: Command, act: Act): void {
  addCommand(program, 'tail', 'show the records of a running session or a log as they come', [
    ['cf-bus tail', 'of the session in this directory, else of its log'],
    ['cf-bus tail --level error', 'only what failed'],
    ["cf-bus tail --filter 'service:llm -type:llm.response timeout'", 'in the words of the dashboard’s filter'],
    ["cf-bus tail --type 'index.*' --json | jq .trace_id", 'for a script'],
    ['cf-bus tail logs/cf-bus.log -n 50 --no-follow', 'the last fifty of a log'],
  ])
    .argument('[file]', 'log file, or - for standard input')
    .option('--log <file>', LOG_HELP)
    .option('--session <name>', 'a running session (default: the one started in this directory)')
    .addOption(new Option('--level <level>', 'this level and worse').choices(['debug', 'info', 'warn', 'error']))
    .option('--type <pattern>', 'event type or pattern: index.*')
    .option('--service <name>', 'of this service')
    .option('--source <name>', 'published by this source')
    .option('--trace <id>', 'of this request')
    .option('--filter <text>', 'as in the dashboard: "type:index level:error -service:cache disk"')
    .option('-n, --lines <n>', 'of a log: how many of its last records to begin with', wholeNumber(0), 10)
    .option('--no-follow', 'do not wait for more: what is logged so far')
    .option('--json', 'print the records as NDJSON')
    .action(
      act(async (context, file: string | undefined, options: TailOptions) => {
        const { tail } = await import('../commands/tail.js');
        return tail(context, file, options);
      }),
    );
}

export function defineDash(program: Command, act: Act): void {
  addCommand(program, 'dash', 'open the dashboard on a running session, or on a log', [
    ['cf-bus dash', 'of the session in this directory, else of its log'],
    ['cf-bus dash --session till', 'of a session by name'],
    ['cf-bus dash logs/cf-bus.log', 'of a log, with a time cursor to scrub: [ and ]'],
  ])
    .argument('[file]', 'log file')
    .option('--log <file>', LOG_HELP)
    .option('--session <name>', 'a running session by name, or a session id in a log')
    .option('--screen-reader', 'lines instead of a picture')
    .action(
      act(async (context, file: string | undefined, options: DashOptions) => {
        const { dash } = await import('../commands/dash.js');
        return dash(context, file, options);
      }),
    );
}
