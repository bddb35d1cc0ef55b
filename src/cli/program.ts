/** The program: its commands, how their arguments are read, and how the process ends. */
import { Command, CommanderError } from 'commander';
import { CfBusError, isCfBusError, systemErrorCode } from '../kernel/index.js';
import type { Act, Context, ExitCode } from './context.js';
import { defineHelping } from './definitions/helping.js';
import { defineReading } from './definitions/reading.js';
import { defineRunning } from './definitions/running.js';
import { defineSimulating } from './definitions/simulating.js';
import { describeFailure, reportFailure } from './exit.js';
import { addCommonOptions, commonOptionsLine, configureHelp, formatExamples } from './help.js';
import { type Ending, Lifecycle } from './lifecycle.js';
import { Output, type Sink } from './output.js';
import { type ColorMode, painter } from './paint.js';

/** What the process gives to a run of the program. */
export interface World {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly stdin: Context['stdin'];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Resolves when all that was written has left, or failed to. */
  readonly flushed: () => Promise<void>;
}

/** Runs the command line of this process, and sets its exit code. */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  const lifecycle = new Lifecycle();
  const { stdout, stderr, env } = process;
  stdout.on('error', (error) => lifecycle.end(outputFailure(error)));
  stderr.on('error', () => lifecycle.end({ kind: 'unread' }));
  process.on('uncaughtException', (error) => lifecycle.end({ kind: 'failed', error }));
  const flushed = () => new Promise<void>((resolve) => stdout.write('', () => resolve()));
  const world = { stdout, stderr, env, cwd: process.cwd(), stdin: () => process.stdin, flushed };
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
  await world.flushed();
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
  const program = createProgram(context, act);
  if (args.length === 0) program.outputHelp();
  else await program.parseAsync(args, { from: 'user' });
  return code;
}

/** The program with all its commands; `act` runs them. */
export function createProgram(context: Pick<Context, 'out' | 'notices'>, act: Act): Command {
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
  defineReading(program, act);
  defineSimulating(program, act);
  defineRunning(program, act);
  defineHelping(program, act);
  for (const command of [program, ...program.commands]) addCommonOptions(command);
  const paint = painter(out.color);
  return program.addHelpText('after', commonOptionsLine(paint) + formatExamples(EXAMPLES, paint));
}

const EXAMPLES = [['cf-bus types', 'the well-known event types']] as const;

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

/** A reader that has had enough (`| head`) is no failure; a full disk behind `>` is one. */
function outputFailure(error: Error): Ending {
  if (systemErrorCode(error) === 'EPIPE') return { kind: 'unread' };
  const { message } = describeFailure(error);
  return {
    kind: 'failed',
    error: new CfBusError('OUTPUT_FAILED', `standard output: ${message}`, { exitCode: 3, cause: error }),
  };
}
