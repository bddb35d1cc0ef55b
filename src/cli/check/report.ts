/** What `check` prints: a line a scenario, and below one that failed why, and what to type. */
import { formatDuration, type JsonObject, plural, safe, safeLines } from '../../kernel/index.js';
import type { Output } from '../output.js';
import { judgementLines } from '../run/summary.js';
import type { CheckOutcome } from './check-scenario.js';
import { runFailure } from './junit.js';

export function printOutcome(outcome: CheckOutcome, realMs: number, out: Output, ascii: boolean): void {
  if (outcome.kind === 'invalid') {
    out.line(
      `${out.paint('red', ascii ? 'FAIL' : '✗')} ${safe(outcome.file)}  ${out.paint('red', 'is no valid scenario')}`,
    );
    const { message, hint } = outcome.error;
    for (const line of safeLines(message).split('\n')) out.line(`    ${line}`);
    if (hint !== undefined) out.line(`      ${out.paint('dim', safe(hint))}`);
    return;
  }
  const { result, scenario, seedsTried } = outcome;
  const mark = result.passed ? out.paint('green', ascii ? 'ok  ' : '✓') : out.paint('red', ascii ? 'FAIL' : '✗');
  const seeds = seedsTried > 1 ? `${seedsTried} seeds` : `seed ${result.seed}`;
  const facts = [
    scenario.expect.length === 0 ? 'expects nothing' : plural(scenario.expect.length, 'expectation'),
    result.passed || seedsTried === 1 ? seeds : `seed ${result.seed} (${seedsTried} tried)`,
    plural(result.events, 'event'),
    `${formatDuration(result.duration)} in ${formatDuration(realMs)}`,
  ];
  out.line(`${mark} ${safe(outcome.file)}  ${out.paint('dim', facts.join(', '))}`);
  if (result.passed) return;
  for (const judgement of result.expectations) {
    if (judgement.verdict !== 'failed') continue;
    for (const line of judgementLines(judgement, outcome.logFile, out, ascii)) out.line(`  ${line}`);
  }
  const failure = runFailure(outcome);
  if (failure !== undefined) out.line(`    ${out.paint('red', safe(failure))}`);
  out.line(`      ${out.paint('dim', `again: ${reproduce(outcome)}`)}`);
}

export function printTotal(outcomes: readonly CheckOutcome[], out: Output): void {
  const failed = outcomes.filter((outcome) => !passed(outcome)).length;
  const total = outcomes.length - failed;
  out.line();
  out.line(out.paint(failed === 0 ? 'green' : 'red', `${total} passed, ${failed} failed`));
}

export function passed(outcome: CheckOutcome): boolean {
  return outcome.kind === 'ran' && outcome.result.passed;
}

/** A command that runs the last run again. */
function reproduce({ file, result }: CheckOutcome & { readonly kind: 'ran' }): string {
  const name = /^[A-Za-z0-9_./-]+$/.test(file) ? file : `'${safe(file).replaceAll("'", "'\\''")}'`;
  return `cf-bus run ${name} --virtual --seed ${result.seed}`;
}

export function outcomeJson(outcome: CheckOutcome): JsonObject {
  if (outcome.kind === 'invalid') {
    return { file: outcome.file, passed: false, error: outcome.error.message };
  }
  const { file, scenario, result, seedsTried, logFile } = outcome;
  return {
    file,
    name: scenario.name,
    passed: result.passed,
    seed: result.seed,
    seeds_tried: seedsTried,
    duration_ms: result.duration,
    events: result.events,
    deliveries: result.deliveries,
    failure: runFailure(outcome) ?? null,
    expectations: result.expectations.map(({ expectation, verdict, sentence, traces }) => ({
      expectation: expectation.text,
      verdict,
      found: sentence,
      traces: traces.ids,
      trace_count: traces.count,
    })),
    log: logFile ?? null,
    reproduce: reproduce(outcome),
  };
}
