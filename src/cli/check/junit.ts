/** A JUnit report: one suite a scenario, one case an expectation. The format is the one CI servers read (Ant's). */
import type { Judgement } from '../../simulator/index.js';
import type { CheckOutcome } from './check-scenario.js';

interface Case {
  readonly name: string;
  readonly failure: string | undefined;
  readonly skipped: string | undefined;
}

export function junitReport(outcomes: readonly CheckOutcome[]): string {
  const suites = outcomes.map(suite);
  const total = (pick: (each: ReturnType<typeof suite>) => number) => suites.reduce((sum, each) => sum + pick(each), 0);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="cf-bus check" tests="${total((each) => each.tests)}" failures="${total((each) => each.failures)}">`,
    ...suites.map(({ xml }) => xml),
    '</testsuites>',
    '',
  ].join('\n');
}

function suite(outcome: CheckOutcome): { readonly xml: string; readonly tests: number; readonly failures: number } {
  const cases = casesOf(outcome);
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter((each) => each.skipped !== undefined).length;
  const seconds = outcome.kind === 'ran' ? (outcome.result.duration / 1_000).toFixed(3) : '0';
  const head = `  <testsuite name="${escapeXml(outcome.file)}" tests="${cases.length}" failures="${failures}" skipped="${skipped}" time="${seconds}">`;
  const lines = cases.flatMap((each) => caseLines(each, outcome.file));
  return { xml: [head, ...lines, '  </testsuite>'].join('\n'), tests: cases.length, failures };
}

function casesOf(outcome: CheckOutcome): readonly Case[] {
  if (outcome.kind === 'invalid')
    return [{ name: 'is a valid scenario', failure: outcome.error.message, skipped: undefined }];
  const { result } = outcome;
  const run: Case = { name: 'runs to its end', failure: runFailure(outcome), skipped: undefined };
  return [run, ...result.expectations.map(judged)];
}

/** What went wrong with a run apart from its expectations. */
export function runFailure(outcome: CheckOutcome & { readonly kind: 'ran' }): string | undefined {
  const { failure, left, problems } = outcome.result;
  if (failure !== undefined) return failure.message;
  const [problem] = problems;
  if (problem !== undefined && !outcome.result.passed && left.abandoned.length === 0) return problem.message;
  const given = left.abandoned.length + left.cancelled;
  return given === 0 ? undefined : `${given} deliveries or delayed publishes were still under way at the end`;
}

function judged({ expectation, verdict, sentence, traces }: Judgement): Case {
  const [first] = traces.ids;
  const found = first === undefined ? sentence : `${sentence}; first in trace ${first}`;
  return {
    name: expectation.text,
    failure: verdict === 'failed' ? found : undefined,
    skipped: verdict === 'inconclusive' ? sentence : undefined,
  };
}

function caseLines({ name, failure, skipped }: Case, file: string): string[] {
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(file)}"`;
  if (failure !== undefined) return [`${head}>`, `      <failure message="${escapeXml(failure)}"/>`, '    </testcase>'];
  if (skipped !== undefined) return [`${head}>`, `      <skipped message="${escapeXml(skipped)}"/>`, '    </testcase>'];
  return [`${head}/>`];
}

/** XML 1.0 text; characters that it cannot hold become U+FFFD. */
function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
