/** What the simulator's tests share: scenarios from text, and what happened in a run, line by line. */
import type { BusObserver, DeliveryView } from '../../src/bus/index.js';
import { describeError } from '../../src/kernel/index.js';
import { parseScenario, type Scenario } from '../../src/scenario/index.js';
import { type RunResult, runVirtual, type VirtualRunOptions } from '../../src/simulator/index.js';

/** A scenario from YAML; `version` and `name` are put before it. */
export function scenarioOf(yaml: string): Scenario {
  return parseScenario(`version: 1\nname: test\n${yaml}`, 'test.yaml');
}

export interface RunStory {
  readonly result: RunResult;
  /** `12.5 published a.b trace`, `12.5 start service.handler#1`, … in order. */
  readonly lines: readonly string[];
}

export async function story(yaml: string, options: Partial<VirtualRunOptions> = {}): Promise<RunStory> {
  const lines: string[] = [];
  let clock: { now(): number } = { now: () => 0 };
  const note = (text: string) => lines.push(`${Number(clock.now().toFixed(3))} ${text}`);
  const result = await runVirtual({
    scenario: scenarioOf(yaml),
    seed: 1,
    ...options,
    openLog: (parts) => {
      clock = parts.clock;
      return options.openLog?.(parts) ?? { observer: storyteller(note), flush: () => {} };
    },
  });
  return { result, lines };
}

function storyteller(note: (text: string) => void): BusObserver {
  const who = ({ subscriber: { service, handler }, attempt }: DeliveryView) => `${service}.${handler}#${attempt}`;
  const fault = (delivery: DeliveryView) => (delivery.fault === undefined ? '' : ` (${delivery.fault})`);
  return {
    published: ({ type, source, traceId, payload }) =>
      note(`published ${type} by ${source} in ${traceId}${showPayload(payload)}`),
    started: (delivery) => note(`start ${who(delivery)}`),
    completed: (delivery) => note(`done ${who(delivery)}${fault(delivery)}`),
    failed: (delivery, { error, willRetry }) =>
      note(`fail ${who(delivery)}${fault(delivery)}: ${describeError(error).message}${willRetry ? ', again' : ''}`),
    dead: (delivery) => note(`dead ${who(delivery)}`),
    dropped: (delivery, reason) => note(`drop ${who(delivery)}${fault(delivery)}: ${reason}`),
    abandoned: (delivery) => note(`abandon ${who(delivery)}`),
  };
}

function showPayload(payload: unknown): string {
  const text = JSON.stringify(payload);
  return text === '{}' ? '' : ` ${text}`;
}

/** Verdicts and sentences, for short expectations. */
export function verdicts({ expectations }: RunResult): readonly string[] {
  return expectations.map(({ verdict, sentence }) => `${verdict}: ${sentence}`);
}

/** A scenario with one request that publishes `go` once. */
export const GO = 'requests: [{ name: go, source: tester, trace_id: t, flow: [{ publish: { type: go } }] }]';
