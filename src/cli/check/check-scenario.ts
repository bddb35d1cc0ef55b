/** Checks one scenario: with one seed, or with many up to the first that fails. */
import { basename, join } from 'node:path';
import { type CfBusError, describeError, type Ids, isCfBusError, safe, VERSION } from '../../kernel/index.js';
import { type Log, openLog } from '../../record/index.js';
import type { Scenario } from '../../scenario/index.js';
import { type RunResult, runVirtual } from '../../simulator/index.js';
import type { CheckOptions } from '../definitions/simulating.js';
import { troubleNotices } from '../log-trouble.js';
import type { Output } from '../output.js';
import type { ProgressLine } from '../run/progress.js';
import { loadWithVariables } from '../run/settings.js';
import { sessionTotals } from '../run/totals.js';
import { resolveScenario } from '../shipped.js';

/** How one scenario came out. */
export type CheckOutcome =
  /** It could not be loaded. */
  | { readonly kind: 'invalid'; readonly file: string; readonly error: CfBusError }
  | {
      readonly kind: 'ran';
      readonly file: string;
      readonly scenario: Scenario;
      /** Of the last run: the failing one where one failed. */
      readonly result: RunResult;
      readonly seedsTried: number;
      /** Set where the run is in a log. */
      readonly logFile: string | undefined;
    };

export interface CheckParts {
  readonly options: CheckOptions;
  readonly signal: AbortSignal;
  /** Called before each run after the first. */
  readonly onSeed: (file: string, seed: number, tried: number) => void;
  readonly onProgress: ProgressLine['update'];
  /** Where to say that a log cannot be written. */
  readonly notices: Output;
}

const CHECK_LOGS = join('logs', 'check');
const DEFAULT_SEED = 1;

export async function checkScenario(given: string, cwd: string, parts: CheckParts): Promise<CheckOutcome> {
  let file = given;
  let scenario: Scenario;
  try {
    file = resolveScenario(given, cwd);
    scenario = loadWithVariables(file, parts.options.set);
  } catch (error) {
    if (isCfBusError(error) && error.code !== 'USAGE') return { kind: 'invalid', file, error };
    throw error;
  }
  const [first, last] = seedsOf(scenario, parts.options);
  const { log } = parts.options;
  let result = await runOnce(scenario, first, log, parts);
  let tried = 1;
  for (let seed = first + 1; seed <= last && result.passed && !parts.signal.aborted; seed++, tried++) {
    parts.onSeed(file, seed, tried);
    result = await runOnce(scenario, seed, log, parts);
  }
  const logFile = log ?? (result.passed ? undefined : await tryToLog(scenario, file, result, parts));
  return { kind: 'ran', file, scenario, result, seedsTried: tried, logFile };
}

function seedsOf(scenario: Scenario, { seed, seeds }: CheckOptions): readonly [number, number] {
  if (seeds !== undefined) return seeds;
  const only = seed ?? scenario.seed ?? DEFAULT_SEED;
  return [only, only];
}

/** The verdict stands, whether or not a log of it can be kept. */
async function tryToLog(scenario: Scenario, file: string, result: RunResult, parts: CheckParts) {
  try {
    return await logFailure(scenario, file, result, parts);
  } catch (error) {
    const { message } = describeError(error);
    parts.notices.line(parts.notices.paint('yellow', `cf-bus: no log of the run that failed: ${safe(message)}`));
    return undefined;
  }
}

/** The same run once more, with a log: a run in virtual time comes out the same however often it is made. */
async function logFailure(scenario: Scenario, file: string, { seed }: RunResult, parts: CheckParts): Promise<string> {
  const name = basename(file)
    .replace(/\.ya?ml$/, '')
    .replace(/[^A-Za-z0-9_.-]/g, '_');
  const logFile = join(CHECK_LOGS, `${name}-${seed}.log`);
  await runOnce(scenario, seed, logFile, parts, true);
  return logFile;
}

async function runOnce(
  scenario: Scenario,
  seed: number,
  logFile: string | undefined,
  { options, signal, onProgress, notices }: CheckParts,
  fresh = false,
): Promise<RunResult> {
  let log: Log | undefined;
  const openRunLog = ({
    clock,
    ids,
  }: {
    readonly clock: Parameters<typeof openLog>[0]['clock'];
    readonly ids: Ids;
  }): Log => {
    log = openLog({ file: logFile, level: 'debug', clock, session: ids.session, fresh, ...troubleNotices(notices) });
    log.observer.sessionStarted({ scenario: scenario.name, seed, clock: 'virtual', version: VERSION });
    return log;
  };
  const result = await runVirtual({
    scenario,
    seed,
    ...(logFile === undefined ? {} : { openLog: openRunLog }),
    duration: options.duration,
    drain: options.drain,
    allowModules: options.allowModules,
    onProgress,
    signal,
  });
  log?.observer.sessionStopped(sessionTotals('finished', result.left.stats));
  log?.close();
  return result;
}
