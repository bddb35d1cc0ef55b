/** The bus that `publish` opens where no session runs. */
import { safe } from '../../kernel/index.js';
import { loadScenarioFile } from '../../scenario/index.js';
import type { Context } from '../context.js';
import type { PublishOptions } from '../definitions/running.js';
import { logFile } from '../run/settings.js';
import { resolveScenario } from '../shipped.js';
import { oneShotTarget } from './one-shot.js';
import type { Target } from './target.js';

/** The scenario with a handler for each of the guide's event types. */
const BUILT_IN = 'contextforge';
/** Milliseconds that a signal leaves for what is under way. */
const SIGNAL_DRAIN_MS = 4_000;

export async function openOneShot(context: Context, options: PublishOptions): Promise<Target> {
  const { cwd, env, lifecycle, notices } = context;
  const scenario = loadScenarioFile(resolveScenario(options.scenario ?? BUILT_IN, cwd));
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);
  const name = safe(scenario.name);
  notices.line(
    notices.paint(
      'dim',
      options.scenario === undefined
        ? `No session runs in this directory: publishing into a bus of its own (scenario ${name})`
        : `Publishing into a bus of its own (scenario ${name})`,
    ),
  );
  return oneShotTarget({
    scenario,
    logFile: logFile(options.log, env),
    allowModules: options.allowModules === true,
    notices,
    drain: () =>
      lifecycle.signal.aborted
        ? Math.max(0, SIGNAL_DRAIN_MS - lifecycle.sinceEnding)
        : options.wait
          ? 0
          : options.timeout,
  });
}
