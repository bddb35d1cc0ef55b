/** What `run` was asked for, checked and put together with what the scenario says. */
import { CfBusError, chooseSeed } from '../../kernel/index.js';
import { defaultLogFile } from '../../record/index.js';
import { loadScenarioFile, type Scenario, withVariables } from '../../scenario/index.js';
import type { Context } from '../context.js';
import type { RunOptions } from '../definitions/simulating.js';
import { resolveScenario } from '../shipped.js';

export interface RunSettings {
  readonly scenario: Scenario;
  /** Where the scenario was read; relative to the working directory or absolute. */
  readonly file: string;
  readonly seed: number;
  /** `undefined`: no log file. */
  readonly logFile: string | undefined;
  readonly options: RunOptions;
}

/** @throws CfBusError `USAGE`, `FILE_UNREADABLE`, `INVALID_SCENARIO` */
export function readSettings(context: Context, given: string, options: RunOptions): RunSettings {
  checkTogether(options);
  const file = resolveScenario(given, context.cwd);
  const scenario = loadWithVariables(file, options.set);
  return {
    scenario,
    file,
    seed: options.seed ?? scenario.seed ?? chooseSeed(),
    logFile: logFile(options.log, context.env),
    options,
  };
}

/** Also for loading again. */
export function loadWithVariables(file: string, set: readonly string[] | undefined): Scenario {
  return withVariables(loadScenarioFile(file), parseSet(set));
}

export function logFile(given: string | undefined, env: NodeJS.ProcessEnv): string | undefined {
  if (given === undefined) return defaultLogFile(env);
  return given === 'off' ? undefined : given;
}

function parseSet(set: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    set.map((text): [string, string] => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new CfBusError('USAGE', `--set takes name=value, not "${text}"`, {
        hint: 'example: --set repo=/srv/other',
      });
    }),
  );
}

function checkTogether(options: RunOptions): void {
  if (options.redact !== undefined && options.logPayloads !== true) {
    throw new CfBusError('USAGE', '--redact needs --log-payloads', { hint: 'without it no payload is logged at all' });
  }
  if (options.virtual !== true) return;
  const refused = (['watch', 'stay', 'speed', 'session'] as const).find((name) => options[name] !== undefined);
  if (refused === undefined) return;
  throw new CfBusError('USAGE', `--${refused} cannot go with --virtual`, {
    hint: 'virtual time runs as fast as it goes, opens no socket and ends by itself',
  });
}
