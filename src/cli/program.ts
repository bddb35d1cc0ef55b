/** The program: its commands, how their arguments are read, and how the process ends. */
import { Command, CommanderError } from 'commander';
import { CfBusError, isCfBusError, systemErrorCode } from '../kernel/index.js';
import type { Act, Context, ExitCode } from './context.js';
import { defineBench } from './definitions/benching.js';
import { defineDiff, defineWhy } from './definitions/explaining.js';
import { defineCompletion, defineInit, defineSchema, defineSessions, defineTypes } from './definitions/helping.js';
import { defineDash, defineStats, defineTail, defineTrace } from './definitions/reading.js';
import { definePublish, defineStop } from './definitions/running.js';
import { defineCapture, defineCheck, defineRun } from './definitions/simulating.js';
import { describeFailure, reportFailure, usageError } from './exit.js';
import { addCommonOptions, commonOptionsLine, configureHelp, formatExamples } from './help.js';
import { type Ending, HUNG_UP, Lifecycle } from './lifecycle.js';
import { Output } from './output.js';
import { type ColorMode, painter } from './paint.js';
import { openStdio, type Stdio } from './stdio.js';

/** What the process gives to a run of the program. */
export interface World {
  readonly stdout: Stdio;
  readonly stderr: Stdio;
  readonly stdin: Context['stdin'];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
}

/** Runs the command line of this process, and sets its exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const lifecycle = new Lifecycle();
  const stdout: Stdio = openStdio(1, (error) => lifecycle.end(outputFailure(error, stdout.isTTY === true)));
  // Notices that nobody gets (a full disk behind `2>`) end nothing; a reader that has gone does.
  const stderr = openStdio(2, (error) => systemErrorCode(error) === 'EPIPE' && lifecycle.end({ kind: 'unread' }));
  process.on('uncaughtException', (error) => lifecycle.end({ kind: 'failed', error }));
  const world = { stdout, stderr, env: process.env, cwd: process.cwd(), stdin: () => process.stdin };
  lifecycle.exit(await execute(args, world, lifecycle));
}

/** Runs one command line, and gives its exit code. It never throws. */
export async function execute(args: readonly string[], world: World, lifecycle: Lifecycle): Promise<ExitCode> {
  const mode = colorMode(args);
  const notices = new Output(world.stderr, mode, world.env);
  const context: Context = {
    ...world,
    out: new Output(world.stdout, mode, world.env),
    notices,
    ascii: beforeOperands(args).includes('--ascii'),
    lifecycle,
  };
  const code = await attempt(context, () =>
    Promise.race([parse(args, context), lifecycle.overdue.then(() => 0 as const)]),
  );
  const closed = await attempt(context, async () => {
    await lifecycle.close();
    return code;
  });
  await world.stdout.flushed();
  const { ending } = lifecycle;
  if (ending?.kind === 'failed') return reportFailure(ending.error, notices, world.env);
  return ending?.kind === 'signal' ? ending.exitCode : closed;
}

async function attempt(context: Context, work: () => Promise<ExitCode>): Promise<ExitCode> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // The command was asked to end, and did.
    if (context.lifecycle.ending !== undefined && isCfBusError(error) && error.code === 'ABORTED') return 0;
    return reportFailure(error, context.notices, context.env);
  }
}

async function parse(args: readonly string[], context: Context): Promise<ExitCode> {
  let code: ExitCode = 0;
  const act: Act =
    (run) =>
    async (...given) => {
      code = await run(context, ...given);
    };
  const program = createProgram(context, act, args[0]);
  if (args.length === 0) program.outputHelp();
  else {
    const names = program.commands.map((command) => command.name());
    const [first, wanted = 'help'] = args;
    // Of an unknown command Commander would show the whole program's help.
    const known = wanted === 'help' || wanted.startsWith('-') || names.includes(wanted);
    const given = first === 'help' && !known ? args.slice(1) : args;
    await program.parseAsync(given, { from: 'user' }).catch((error: unknown) => {
      if (!(error instanceof CommanderError) || error.exitCode === 0) throw error;
      throw usageError(error, names.includes(args[0] ?? '') ? args[0] : undefined);
    });
  }
  return code;
}

/** All commands, in the order of the help. To add one: its definition, and an entry here. */
const COMMANDS = [
  ['Play:', { run: defineRun, check: defineCheck, capture: defineCapture }],
  ['Poke:', { publish: definePublish, stop: defineStop }],
  [
    'Look:',
    {
      trace: defineTrace,
      diff: defineDiff,
      why: defineWhy,
      stats: defineStats,
      tail: defineTail,
      dash: defineDash,
      sessions: defineSessions,
    },
  ],
  [
    'More:',
    { bench: defineBench, init: defineInit, types: defineTypes, schema: defineSchema, completion: defineCompletion },
  ],
] as const satisfies readonly (readonly [heading: string, commands: Readonly<Record<string, Define>>])[];

type Define = (program: Command, act: Act, all: () => Command) => void;

/**
 * The program; `act` runs its commands. Where `wanted` is one of them, the others are left out: to define them all takes
 * longer than to run most of them.
 */
export function createProgram(context: Pick<Context, 'out' | 'notices'>, act: Act, wanted?: string): Command {
  const { out, notices } = context;
  const program = new Command('cf-bus')
    .description('A terminal playground and tracer for event-driven services.')
    .usage('<command> [options]')
    // Without it `--` loses its meaning on the way to a command.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => out.write(text),
      writeErr: (text) => notices.write(text),
      // Errors leave by the one door, exit.ts.
      outputError: () => {},
      getOutHelpWidth: () => out.columns,
      getErrHelpWidth: () => notices.columns,
      getOutHasColors: () => out.color,
      getErrHasColors: () => notices.color,
    });
  configureHelp(program);
  program.helpCommand('help [command]', 'show help for a command');
  const all = () => createProgram(context, act);
  const single = COMMANDS.map(([, commands]): Readonly<Record<string, Define>> => commands).find(
    (commands) => wanted !== undefined && Object.hasOwn(commands, wanted),
  );
  if (single !== undefined && wanted !== undefined) single[wanted]?.(program, act, all);
  else defineAll(program, act, all);
  for (const command of [program, ...program.commands]) addCommonOptions(command);
  const paint = painter(out.color);
  return program.addHelpText('after', commonOptionsLine(paint) + formatExamples(EXAMPLES, paint));
}

function defineAll(program: Command, act: Act, all: () => Command): void {
  for (const [heading, commands] of COMMANDS) {
    program.commandsGroup(heading);
    for (const define of Object.values<Define>(commands)) define(program, act, all);
  }
}

const EXAMPLES = [
  ['cf-bus run index-pipeline', 'a simulated system, live'],
  [`cf-bus publish index.completed --set repo_path=/srv/web`, 'from another terminal: an event of your own'],
  ['cf-bus trace --latest', 'what the newest request did'],
] as const;

/** What `--color` asks for, looked up before anything is parsed: help and errors are coloured, too. */
function colorMode(args: readonly string[]): ColorMode {
  let mode: ColorMode = 'auto';
  const given = beforeOperands(args);
  for (const [index, arg] of given.entries()) {
    const word = arg === '--color' ? given[index + 1] : arg.startsWith('--color=') ? arg.slice('--color='.length) : '';
    if (word === 'auto' || word === 'always' || word === 'never') mode = word;
  }
  return mode;
}

function beforeOperands(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}

/** A reader that has had enough (`| head`) is no failure, nor is a window that was closed; a full disk behind `>` is one. */
function outputFailure(error: Error, isTerminal: boolean): Ending {
  const code = systemErrorCode(error);
  if (code === 'EPIPE') return { kind: 'unread' };
  if (code === 'EIO' && isTerminal) return HUNG_UP;
  const { message } = describeFailure(error);
  return {
    kind: 'failed',
    error: new CfBusError('OUTPUT_FAILED', `standard output: ${message}`, { exitCode: 3, cause: error }),
  };
}
