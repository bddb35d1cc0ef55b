/** A request's flow, made ready to run many times. */
import { matcher } from '../bus/index.js';
import type { Random } from '../kernel/index.js';
import type { Request, Step } from '../scenario/index.js';
import { type Sampler, sampler } from './delay.js';

export type Action =
  | Extract<Step, { readonly type: 'publish' }>
  | { readonly type: 'think'; readonly time: Sampler }
  | (Extract<Step, { readonly type: 'wait_for' }> & {
      /** Number of its pattern in `Flow.patterns`. */
      readonly pattern: number;
    })
  | { readonly type: 'loop'; readonly count: number; readonly flow: readonly Action[] };

export interface AwaitedPattern {
  readonly matches: (type: string) => boolean;
  /** How often a run of the flow waits for it. */
  readonly uses: number;
}

export interface Flow {
  readonly request: Request;
  readonly actions: readonly Action[];
  /** What its `wait_for` steps wait for, each pattern once. */
  readonly patterns: readonly AwaitedPattern[];
}

/** @param random the request's own generator; think times are drawn from it in the order they are needed. */
export function compileFlow(request: Request, random: Random): Flow {
  const uses = new Map<string, number>();
  const actions = compileSteps(request.flow, 1, uses, random.fork('think'));
  return { request, actions, patterns: [...uses].map(([event, count]) => ({ matches: matcher(event), uses: count })) };
}

/** @param times how often the steps are run; `uses` counts the waits for each pattern. */
function compileSteps(
  steps: readonly Step[],
  times: number,
  uses: Map<string, number>,
  random: Random,
): readonly Action[] {
  const actions: Action[] = [];
  for (const step of steps) actions.push(compileStep(step, times, uses, random));
  return actions;
}

function compileStep(step: Step, times: number, uses: Map<string, number>, random: Random): Action {
  switch (step.type) {
    case 'publish':
      return step;
    case 'think':
      return { type: 'think', time: sampler(step.time, random) };
    case 'wait_for':
      uses.set(step.event, (uses.get(step.event) ?? 0) + times);
      return { ...step, pattern: [...uses.keys()].indexOf(step.event) };
    case 'loop':
      return { type: 'loop', count: step.count, flow: compileSteps(step.flow, times * step.count, uses, random) };
  }
}
