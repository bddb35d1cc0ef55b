/** `cf-bus check`. */
import { rmSync, writeFileSync } from 'node:fs';
import { CfBusError, describeError, realClock, safe } from '../../kernel/index.js';
import { type CheckOutcome, checkScenario } from '../check/check-scenario.js';
import { junitReport } from '../check/junit.js';
import { outcomeJson, passed, printOutcome, printTotal } from '../check/report.js';
import type { Context, ExitCode } from '../context.js';
import type { CheckOptions } from '../definitions/simulating.js';
import { showProgress } from '../run/progress.js';

const CLEAR_LINE = '\r\u001b[K';

export async function check(context: Context, files: readonly string[], options: CheckOptions): Promise<ExitCode> {
  const { lifecycle, out, notices, ascii } = context;
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);
  // Runs of several scenarios are added to one log, begun afresh.
  if (options.log !== undefined) rmSync(options.log, { force: true });
  const outcomes: CheckOutcome[] = [];
  for (const given of files) {
    if (lifecycle.signal.aborted) break;
    const start = realClock.now();
    let shown = false;
    const progress = showProgress(notices);
    const outcome = await checkScenario(given, context.cwd, {
      options,
      signal: lifecycle.signal,
      onSeed: (file, seed, tried) => {
        if (!notices.isTerminal || realClock.now() - start < 2_000) return;
        shown = true;
        const rate = Math.round(tried / ((realClock.now() - start) / 1_000));
        notices.write(`${CLEAR_LINE}${safe(file)}: seed ${seed}, ${tried} passed, ${rate} seeds/s`);
      },
      onProgress: progress.update,
      notices,
    });
    progress.end();
    if (shown) notices.write(CLEAR_LINE);
    outcomes.push(outcome);
    if (options.json !== true) printOutcome(outcome, realClock.now() - start, out, ascii);
  }
  if (options.json === true) out.json({ passed: outcomes.every(passed), scenarios: outcomes.map(outcomeJson) });
  else if (outcomes.length > 1) printTotal(outcomes, out);
  if (options.junit !== undefined) writeReport(options.junit, outcomes);
  if (outcomes.some(({ kind }) => kind === 'invalid')) return 2;
  return outcomes.every(passed) ? 0 : 1;
}

function writeReport(file: string, outcomes: readonly CheckOutcome[]): void {
  try {
    writeFileSync(file, junitReport(outcomes));
  } catch (error) {
    throw new CfBusError(
      'FILE_UNREADABLE',
      `the JUnit report ${file} cannot be written: ${describeError(error).message}`,
      {
        cause: error,
      },
    );
  }
}
