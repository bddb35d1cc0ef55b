/** One request on its way through its flow. */
import type { Event } from '../bus/index.js';
import { CfBusError, describeError, formatDuration, isCfBusError, type Timer } from '../kernel/index.js';
import { type ScopeEvent, showPosition, type TemplateScope } from '../scenario/index.js';
import type { Action, Flow } from './flow.js';
import { scopeEvent } from './scope.js';
import type { Stage } from './stage.js';
import type { TraceWaiter } from './trace-watch.js';

/** Steps taken in one go; a loop without pauses must not keep the machine to itself. */
const STEPS_AT_ONCE = 1_000;

export type RequestOutcome =
  | { readonly kind: 'completed' }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: CfBusError };

interface Frame {
  readonly actions: readonly Action[];
  next: number;
  /** Times the frame is still to be run after this one. */
  left: number;
}

interface Wait {
  readonly action: Extract<Action, { readonly type: 'wait_for' }>;
  readonly timer: Timer;
}

export class RequestRun implements TraceWaiter {
  readonly flow: Flow;
  readonly sequence: number;
  readonly traceId: string;
  readonly #stage: Stage;
  readonly #onEnd: (run: RequestRun, outcome: RequestOutcome) => void;
  readonly #source: string;
  readonly #scope: TemplateScope;
  readonly #captured: Record<string, string | ScopeEvent>;
  readonly #frames: Frame[];
  /** Events seen and not yet waited for, for each pattern of the flow. */
  readonly #seen: Event[][];
  #timer: Timer | undefined;
  #wait: Wait | undefined;
  #ended = false;

  /** @throws CfBusError `TEMPLATE_FAILED` where `trace_id` or `source` cannot be filled in. */
  constructor(flow: Flow, sequence: number, stage: Stage, onEnd: (run: RequestRun, outcome: RequestOutcome) => void) {
    this.flow = flow;
    this.sequence = sequence;
    this.#stage = stage;
    this.#onEnd = onEnd;
    const { request, actions, patterns } = flow;
    const { variables } = stage;
    const identity = { variables, sequence, request: { name: request.name } };
    this.traceId = request.traceId?.(identity) ?? stage.ids.trace();
    this.#captured = { name: request.name, trace_id: this.traceId };
    this.#scope = { variables, sequence, request: this.#captured };
    this.#source = request.source(this.#scope);
    this.#frames = [{ actions, next: 0, left: 0 }];
    this.#seen = patterns.map(() => []);
  }

  /** Takes steps until one has to wait. */
  advance(): void {
    try {
      for (let steps = 0; !this.#ended; steps++) {
        if (steps === STEPS_AT_ONCE) return this.#pause(0);
        const action = this.#next();
        if (action === undefined) return this.#end({ kind: 'completed' });
        if (!this.#take(action)) return;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  cancel(): void {
    this.#end({ kind: 'cancelled' });
  }

  notice(event: Event): void {
    for (const [index, { matches, uses }] of this.flow.patterns.entries()) {
      if (!matches(event.type)) continue;
      const seen = this.#seen[index];
      // More than the flow can ever ask for is not kept.
      if (seen !== undefined && seen.length < uses) seen.push(event);
      // The event is on its way: what follows from it comes after it.
      if (this.#wait?.action.pattern === index) queueMicrotask(() => this.#arrived(index));
    }
  }

  #next(): Action | undefined {
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      const action = frame.actions[frame.next++];
      if (action !== undefined) return action;
      if (frame.left > 0) {
        frame.left--;
        frame.next = 0;
      } else {
        this.#frames.pop();
      }
    }
    return undefined;
  }

  /** Takes a step; false where the flow has to wait. */
  #take(action: Action): boolean {
    switch (action.type) {
      case 'publish':
        this.#publish(action);
        return true;
      case 'think':
        this.#pause(action.time());
        return false;
      case 'loop':
        if (action.count > 0) this.#frames.push({ actions: action.flow, next: 0, left: action.count - 1 });
        return true;
      case 'wait_for':
        return this.#capture(action) || this.#waitFor(action);
    }
  }

  #publish({ event, payload, when }: Extract<Action, { readonly type: 'publish' }>): void {
    if (when !== undefined && !when(this.#scope)) return;
    const input = { type: event, payload: payload(this.#scope), source: this.#source, traceId: this.traceId };
    this.#stage.publishRoot(input);
  }

  #pause(delay: number): void {
    this.#timer = this.#stage.setTimer(delay, () => this.advance());
  }

  /** Takes the oldest event that the step waits for, if there is one already. */
  #capture({ pattern, as }: Wait['action']): boolean {
    const event = this.#seen[pattern]?.shift();
    if (event === undefined) return false;
    if (as !== undefined) this.#captured[as] = scopeEvent(event);
    return true;
  }

  #waitFor(action: Wait['action']): false {
    const timer = this.#stage.setTimer(action.within, () => {
      const what = `no ${action.event} within ${formatDuration(action.within)}`;
      this.#fail(new CfBusError('TIMEOUT', `${showPosition(action.position)}: ${what}`, { exitCode: 1 }));
    });
    this.#wait = { action, timer };
    return false;
  }

  #arrived(pattern: number): void {
    const wait = this.#wait;
    if (this.#ended || wait === undefined || wait.action.pattern !== pattern) return;
    if (!this.#capture(wait.action)) return;
    this.#stage.cancel(wait.timer);
    this.#wait = undefined;
    this.advance();
  }

  #fail(thrown: unknown): void {
    if (isCfBusError(thrown)) return this.#end({ kind: 'failed', error: thrown });
    const { message } = describeError(thrown);
    this.#end({ kind: 'failed', error: new CfBusError('INTERNAL', message, { cause: thrown }) });
  }

  #end(outcome: RequestOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#timer !== undefined) this.#stage.cancel(this.#timer);
    if (this.#wait !== undefined) this.#stage.cancel(this.#wait.timer);
    this.#onEnd(this, outcome);
  }
}
