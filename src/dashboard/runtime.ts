/** The loop between model and world: messages in, effects out, frames when they are due. */
import { type Clock, describeError, type JsonObject } from '../kernel/index.js';
import { abilitiesOf } from './abilities.js';
import type { Lines } from './data/ingest-lines.js';
import type { DashboardControls, DashboardOptions, ExpectationView, WantedPayload } from './door.js';
import { Feed } from './feed.js';
import { type Effect, initialModel, type Known, type Message, type Model, type Purpose } from './model.js';
import { Timeline } from './timeline.js';
import { update } from './update.js';

/** What only the screen can do. */
export interface RuntimeHost {
  /** The model has changed and is to be shown. */
  frame(model: Model): void;
  leave(how: 'quit' | 'interrupt'): void;
  suspend(): void;
  redraw(): void;
  copy(text: string): void;
}

const NO_EXPECTATIONS: readonly ExpectationView[] = [];

export class Runtime {
  readonly #options: Pick<DashboardOptions, 'source' | 'controls'>;
  readonly #host: RuntimeHost;
  readonly #timeline: Timeline | undefined;
  readonly #feed: Feed;
  #model: Model;
  #shown: Model | undefined;
  #unsubscribe = () => {};

  constructor(
    options: Pick<DashboardOptions, 'source' | 'controls'>,
    size: { readonly columns: number; readonly rows: number },
    clock: Clock,
    host: RuntimeHost,
  ) {
    const { source, controls = {} } = options;
    this.#options = options;
    this.#host = host;
    this.#timeline = source.kind === 'log' ? new Timeline() : undefined;
    this.#model = initialModel(source, abilitiesOf(controls), knownOf(controls), size, this.#now());
    this.#feed = new Feed({
      clock,
      fold: (batch, dropped) => this.#take(batch, dropped),
      tick: () => this.#tick(),
      frame: () => this.#frame(),
    });
  }

  get model(): Model {
    return this.#model;
  }

  start(): void {
    const { source } = this.#options;
    this.#unsubscribe = source.subscribe((batch, dropped) => this.#feed.push(batch, dropped));
    if (source.kind === 'session') {
      const gone = (reason: string) => this.dispatch({ kind: 'gone', reason });
      source.closed.then(gone, (error: unknown) => gone(describeError(error).message));
    }
    this.#tick();
    this.#feed.now();
  }

  /** A message of a person or of the world; shown at once. */
  dispatch(message: Message): void {
    this.#apply(message);
    this.#feed.now();
  }

  /** Takes lines in; returns how many of them were read, and not only counted. */
  takeLines(lines: Lines, dropped: number): number {
    const before = this.#model.data;
    this.#apply({ kind: 'lines', lines, dropped });
    this.#feed.changed();
    const after = this.#model.data;
    return after.total - before.total - (after.unread - before.unread);
  }

  close(): void {
    this.#unsubscribe();
    this.#feed.close();
  }

  #apply(message: Message): void {
    const { model, effects } = update(this.#model, message);
    this.#model = model;
    for (const effect of effects) this.#do(effect);
  }

  #take(batch: Parameters<Timeline['push']>[0], dropped: number): void {
    if (this.#timeline === undefined) return this.#apply({ kind: 'records', batch, dropped });
    this.#timeline.push(batch, dropped);
    this.#scrubbed(this.#timeline);
  }

  #scrubbed(timeline: Timeline): void {
    this.#apply({ kind: 'scrubbed', data: timeline.data(), at: timeline.at, total: timeline.total });
  }

  #tick(): void {
    const { source, controls } = this.#options;
    const expectations = controls?.expectations?.() ?? NO_EXPECTATIONS;
    const finished = source.kind !== 'log' && source.finished?.() === true;
    this.#apply({ kind: 'tick', now: this.#now(), finished, expectations });
  }

  #frame(): void {
    if (this.#shown === this.#model) return;
    this.#shown = this.#model;
    this.#host.frame(this.#model);
  }

  /** On the records' clock; a log's is that of its records. */
  #now(): number {
    const { source } = this.#options;
    return source.kind === 'log' ? 0 : source.now();
  }

  #do(effect: Effect): void {
    const controls = this.#options.controls ?? {};
    switch (effect.kind) {
      case 'quit':
      case 'interrupt':
        return this.#host.leave(effect.kind);
      case 'suspend':
        return this.#host.suspend();
      case 'redraw':
        return this.#host.redraw();
      case 'copy':
        return this.#host.copy(effect.text);
      case 'scrub':
        this.#timeline?.move(effect.move);
        return this.#timeline === undefined ? undefined : this.#scrubbed(this.#timeline);
      case 'fetch':
        return this.#fetch(controls, effect.purpose);
      case 'publish':
        return this.#publish(controls, effect.event);
      case 'fault':
        return this.#control(() => controls.fault?.(effect.change));
      case 'pauseBus':
        return this.#control(() => controls.pauseBus?.());
      case 'resumeBus':
        return this.#control(() => controls.resumeBus?.());
      case 'setSpeed':
        return this.#control(() => controls.setSpeed?.(effect.speed));
    }
  }

  #fetch(controls: DashboardControls, purpose: Purpose): void {
    const wanted: WantedPayload = purpose.kind === 'replay' ? { event_id: purpose.event.id } : { type: purpose.type };
    const tell = (payload: JsonObject | undefined) => this.dispatch({ kind: 'fetched', purpose, payload });
    Promise.resolve()
      .then(() => controls.payload?.(wanted))
      // Whoever cannot tell does not know it.
      .then(tell, () => tell(undefined));
  }

  #publish(controls: DashboardControls, event: Extract<Effect, { readonly kind: 'publish' }>['event']): void {
    // Through a promise, so that what is thrown at once is an answer like any other.
    Promise.resolve()
      .then(() => controls.publish?.(event))
      .then(
        (answer) => {
          if (answer !== undefined)
            this.dispatch({ kind: 'published', eventId: answer.event_id, traceId: answer.trace_id });
        },
        (error: unknown) => this.dispatch({ kind: 'refused', reason: describeError(error).message }),
      );
  }

  #control(act: () => void | Promise<void>): void {
    Promise.resolve()
      .then(act)
      .catch((error: unknown) => this.dispatch({ kind: 'refused', reason: describeError(error).message }));
  }
}

function knownOf(controls: DashboardControls): Known {
  return { types: () => controls.knownTypes?.() ?? [] };
}
