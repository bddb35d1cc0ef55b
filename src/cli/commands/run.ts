/** `cf-bus run`. */
import { safe } from '../../kernel/index.js';
import type { Context, ExitCode } from '../context.js';
import type { RunOptions } from '../definitions/simulating.js';
import { runInRealTime } from '../run/real-run.js';
import { showsDashboard } from '../run/run-dashboard.js';
import { readSettings } from '../run/settings.js';
import { runInVirtualTime } from '../run/virtual-run.js';
import { shippedScenarios } from '../shipped.js';

export async function run(context: Context, given: string | undefined, options: RunOptions): Promise<ExitCode> {
  if (given === undefined) return list(context);
  if (options.virtual !== true && showsDashboard(context, options)) {
    // It loads on another thread while the scenario is read and the session opened.
    const { warmDashboard } = await import('../../dashboard/index.js');
    warmDashboard();
  }
  const settings = readSettings(context, given, options);
  return options.virtual === true ? runInVirtualTime(context, settings) : runInRealTime(context, settings);
}

function list({ out, notices }: Context): ExitCode {
  const scenarios = shippedScenarios();
  const width = Math.max(0, ...scenarios.map(({ name }) => name.length));
  if (out.isTerminal)
    notices.line('Scenarios that come with cf-bus; run one by its name, or give a file of your own:\n');
  for (const { name, summary } of scenarios) out.line(`${out.paint('cyan', name.padEnd(width))}  ${safe(summary)}`);
  if (out.isTerminal) notices.line('\nexample: cf-bus run hello      a starter of your own: cf-bus init');
  return 0;
}
