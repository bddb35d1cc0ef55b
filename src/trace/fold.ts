/** Big traces made small: what does not fit is left out, counted, and missed where it was. */
import type { DeliveryNode, EventNode, Trace } from './forest.js';
import { walk } from './walk.js';

export interface FoldOptions {
  /** Leaves out deliveries that went well in less time, in milliseconds. */
  readonly minDurationMs?: number | undefined;
  /** Leaves out events, and deliveries of events, for whose type it is false. */
  readonly type?: ((eventType: string) => boolean) | undefined;
  /** Leaves out deliveries to services for whose name it is false. */
  readonly service?: ((service: string) => boolean) | undefined;
  /** Leaves out deliveries that went well at once. */
  readonly errors?: boolean | undefined;
  /** Levels of events that stay: 1 for those that nothing led to, 2 for what they led to as well. */
  readonly depth?: number | undefined;
}

export interface HiddenCounts {
  readonly events: number;
  readonly deliveries: number;
  /** Of the deliveries, those that did not go well at once. */
  readonly troubled: number;
}

export interface Folded {
  /** What fits, and what led to it. */
  readonly trace: Trace;
  /** All that was left out. */
  readonly hidden: HiddenCounts;
  /** What was left out right below each node that is still there. */
  readonly below: ReadonlyMap<EventNode | DeliveryNode, HiddenCounts>;
  readonly hiddenRoots: HiddenCounts;
}

const NOTHING: HiddenCounts = { events: 0, deliveries: 0, troubled: 0 };

/** True where `options` may leave something out. */
export function folds({ minDurationMs, type, service, errors, depth }: FoldOptions): boolean {
  return (minDurationMs ?? type ?? service ?? depth) !== undefined || errors === true;
}

/** A part of `trace`: each delivery that all `options` fit, and what led to it. Linear in its size, whatever the depth. */
export function foldTrace(trace: Trace, options: FoldOptions): Folded {
  const folder = new Folder(options);
  const steps = [...walk(trace.roots)];
  for (let index = steps.length - 1; index >= 0; index--) {
    const step = steps[index];
    if (step?.kind === 'event') folder.takeEvent(step.event, step.depth);
    else if (step !== undefined) folder.takeDelivery(step.delivery, step.depth);
  }
  const roots = folder.pick(trace.roots, folder.events);
  let hidden = roots.hidden;
  for (const counts of folder.below.values()) hidden = add(hidden, counts);
  return {
    trace: {
      ...trace,
      roots: roots.kept,
      events: folder.pick(trace.events, folder.events).kept,
      deliveries: folder.pick(trace.deliveries, folder.deliveries).kept,
    },
    hidden,
    below: folder.below,
    hiddenRoots: roots.hidden,
  };
}

/** True for a delivery that failed, was retried or lost, or is not finished. */
export function isTroubled({ state, attempts }: DeliveryNode): boolean {
  return state.kind !== 'done' || attempts.length > 1;
}

function add(a: HiddenCounts, b: HiddenCounts): HiddenCounts {
  return {
    events: a.events + b.events,
    deliveries: a.deliveries + b.deliveries,
    troubled: a.troubled + b.troubled,
  };
}

/** Takes nodes from the leaves up. */
class Folder {
  /** From a node to the one that takes its place; without those that are left out. */
  readonly events = new Map<EventNode, EventNode>();
  readonly deliveries = new Map<DeliveryNode, DeliveryNode>();
  readonly below = new Map<EventNode | DeliveryNode, HiddenCounts>();
  /** What goes with each node that is left out, itself included. */
  readonly #gone = new Map<EventNode | DeliveryNode, HiddenCounts>();
  readonly #options: FoldOptions;

  constructor(options: FoldOptions) {
    this.#options = options;
  }

  takeEvent(event: EventNode, depth: number): void {
    const deliveries = this.pick(event.deliveries, this.deliveries);
    const events = this.pick(event.events, this.events);
    const hidden = add(deliveries.hidden, events.hidden);
    const fits = deliveries.kept.length + events.kept.length > 0 || this.#fitsEvent(event);
    if (!fits || !this.#isWithin(depth)) {
      this.#gone.set(event, add(hidden, { ...NOTHING, events: 1 }));
      return;
    }
    const kept: EventNode = { ...event, deliveries: deliveries.kept, events: events.kept };
    this.events.set(event, kept);
    this.#note(kept, hidden);
  }

  takeDelivery(delivery: DeliveryNode, depth: number): void {
    const { kept: events, hidden } = this.pick(delivery.events, this.events);
    if ((events.length === 0 && !this.#fitsDelivery(delivery)) || !this.#isWithin(depth)) {
      this.#gone.set(delivery, add(hidden, { events: 0, deliveries: 1, troubled: isTroubled(delivery) ? 1 : 0 }));
      return;
    }
    const kept: DeliveryNode = { ...delivery, events };
    this.deliveries.set(delivery, kept);
    this.#note(kept, hidden);
  }

  /** What stays of `nodes`, and what goes with the others. */
  pick<T extends EventNode | DeliveryNode>(nodes: readonly T[], places: ReadonlyMap<T, T>) {
    const kept: T[] = [];
    let hidden = NOTHING;
    for (const node of nodes) {
      const place = places.get(node);
      if (place !== undefined) kept.push(place);
      else hidden = add(hidden, this.#gone.get(node) ?? NOTHING);
    }
    return { kept, hidden };
  }

  #note(node: EventNode | DeliveryNode, hidden: HiddenCounts): void {
    if (hidden.events + hidden.deliveries > 0) this.below.set(node, hidden);
  }

  #isWithin(depth: number): boolean {
    return Math.floor(depth / 2) < (this.#options.depth ?? Number.POSITIVE_INFINITY);
  }

  #fitsEvent({ type }: EventNode): boolean {
    const { minDurationMs, service, errors, type: fits } = this.#options;
    // What asks about deliveries says nothing of an event without one.
    return (minDurationMs ?? service) === undefined && errors !== true && (fits === undefined || fits(type));
  }

  #fitsDelivery(delivery: DeliveryNode): boolean {
    const { minDurationMs = 0, type, service, errors } = this.#options;
    const long = delivery.durationMs === undefined || delivery.durationMs >= minDurationMs;
    return (
      (long || isTroubled(delivery)) &&
      (errors !== true || isTroubled(delivery)) &&
      (type === undefined || type(delivery.eventType)) &&
      (service === undefined || service(delivery.service))
    );
  }
}

/** The whole of a trace, nothing left out. */
export function unfolded(trace: Trace): Folded {
  return { trace, hidden: NOTHING, below: new Map(), hiddenRoots: NOTHING };
}
