/** Short ways to load a scenario and to see what is wrong with one. */
import { type Handler, type Problem, parseScenario, type Scenario, ScenarioError } from '../../src/scenario/index.js';

/** A scenario with one service `s` whose handler `h` has these lines. */
export function withHandler(...lines: readonly string[]): string {
  return scenarioText('services:', '  s:', '    handlers:', '      h:', ...lines.map((line) => `        ${line}`));
}

/** A scenario with something that runs, and these lines at its root. */
export function withRoot(...lines: readonly string[]): string {
  return scenarioText(
    'services: { s: { handlers: { h: { subscribe: a.b, publish: { type: a.c } }, other: { subscribe: a.c } } } }',
    ...lines,
  );
}

/** A scenario with one request whose flow has these lines. */
export function withFlow(...lines: readonly string[]): string {
  return withRoot('requests:', '  - name: r', '    flow:', ...lines.map((line) => `      ${line}`));
}

export function scenarioText(...lines: readonly string[]): string {
  return `${['version: 1', ...lines].join('\n')}\n`;
}

export function load(text: string): Scenario {
  return parseScenario(text, 'test.yaml');
}

/** The handler `h` of the service `s`. */
export function handlerOf(text: string): Handler {
  const handler = load(text).services.get('s')?.handlers.get('h');
  if (handler === undefined) throw new Error('no handler s.h');
  return handler;
}

export function problemsOf(text: string): readonly Problem[] {
  return scenarioError(() => load(text)).problems;
}

/** `line:column: message` of each problem. */
export function messagesOf(text: string): readonly string[] {
  return problemsOf(text).map(({ position, message }) => `${position.line}:${position.column}: ${message}`);
}

export function scenarioError(run: () => unknown): ScenarioError {
  try {
    run();
  } catch (error) {
    if (error instanceof ScenarioError) return error;
    throw error;
  }
  throw new Error('the scenario loaded');
}
