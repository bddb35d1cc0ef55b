/** One publish: its event, its deliveries, and who waits for them. */
import { CfBusError } from '../kernel/index.js';
import type { Delivery } from './delivery.js';
import type { Event } from './event.js';
import type { Linked } from './linked-list.js';
import type { DeliveryReport, PublishReport } from './report.js';

/** Events kept to name a loop. */
const KEPT_EVENTS = 256;
const NO_DELIVERIES: readonly Delivery[] = [];

/** What few cascades have: kept apart, so that the many stay small. */
class CascadeOutcome {
  failed = 0;
  dead = 0;
  /** Deliveries and delayed publishes that were given up at close. */
  abandoned = 0;
  onQuiet: (() => void)[] = [];
  /** The last events before a limit, to name the loop they make. Empty while the limit is far. */
  recent: Event[] = [];
  loop: CfBusError | undefined = undefined;
}

/** What the events that one root publish caused have in common. */
export class Cascade {
  /** Deliveries that have not ended and delayed publishes that are still to come. */
  pending = 0;
  /** Events published in it. */
  events = 0;
  #outcome: CascadeOutcome | undefined = undefined;

  /** The rare parts, made when they are needed. */
  outcome(): CascadeOutcome {
    this.#outcome ??= new CascadeOutcome();
    return this.#outcome;
  }

  /** Calls `listener` once, when everything has ended. */
  whenQuiet(listener: () => void): void {
    this.outcome().onQuiet.push(listener);
  }

  add(): void {
    this.pending++;
  }

  /** Counts an event, and keeps it where a limit is near. */
  note(event: Event, depth: number, limits: { readonly depth: number; readonly events: number }): void {
    this.events++;
    const near = this.events > limits.events - KEPT_EVENTS || depth > limits.depth - KEPT_EVENTS;
    if (near && this.outcome().loop === undefined) this.outcome().recent.push(event);
  }

  /**
   * The error for a cascade that does not end, naming the event types that keep causing each other. The same for every
   * publish beyond the limits: thousands may be under way when the first is refused.
   */
  loopError(publication: Publication, depth: number, events: number): CfBusError {
    const outcome = this.outcome();
    outcome.loop ??= describeLoop(publication, outcome.recent, { depth, events });
    outcome.recent = [];
    return outcome.loop;
  }

  end(count: number): void {
    this.pending -= count;
    if (this.pending > 0 || this.#outcome === undefined) return;
    const { onQuiet } = this.#outcome;
    this.#outcome.onQuiet = [];
    for (const listener of onQuiet) listener();
  }
}

export class Publication implements Linked<Publication> {
  readonly event: Event;
  readonly cascade: Cascade;
  /** Length of the chain of causes; 1 for a root event. */
  readonly depth: number;
  /** Clock time of the publish; `undefined` where nobody gets the event. */
  publishedAt: number | undefined = undefined;
  deliveries: readonly Delivery[] = NO_DELIVERIES;
  /** Deliveries that the publisher still waits for. */
  pending = 0;
  /** The delivery whose handler published this, while that publish has not resolved. */
  publisher: Delivery | undefined = undefined;
  leftOut = 0;
  /** It stands in the list of those that have not settled. */
  listed = false;
  previous: Publication | undefined = undefined;
  next: Publication | undefined = undefined;
  #resolve: ((report: PublishReport) => void) | undefined = undefined;

  constructor(event: Event, cascade: Cascade, depth: number) {
    this.event = event;
    this.cascade = cascade;
    this.depth = depth;
  }

  /** The promise that `publish` returns. */
  wait(): Promise<PublishReport> {
    if (this.pending === 0) return Promise.resolve(this.#report());
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Deliveries that were waited for have ended, or are no longer waited for. */
  settle(count = 1): void {
    this.pending -= count;
    if (this.pending > 0) return;
    this.publisher?.details?.nested?.delete(this);
    this.publisher = undefined;
    if (this.#resolve === undefined) return;
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve(this.#report());
  }

  #report(): PublishReport {
    return new Report(this.event, this.deliveries, this.leftOut);
  }
}

class Report implements PublishReport {
  readonly event: Event;
  readonly settled: boolean;
  #source: readonly Delivery[];
  #deliveries: readonly DeliveryReport[] | undefined;

  constructor(event: Event, source: readonly Delivery[], leftOut: number) {
    this.event = event;
    this.settled = leftOut === 0;
    this.#source = source;
    // Ended deliveries stay as they are, so that their reports can wait until somebody reads them; others must be taken now.
    if (leftOut > 0) this.#take();
  }

  get deliveries(): readonly DeliveryReport[] {
    return this.#deliveries ?? this.#take();
  }

  #take(): readonly DeliveryReport[] {
    const deliveries = this.#source.map((delivery) => delivery.report());
    this.#deliveries = deliveries;
    this.#source = [];
    return deliveries;
  }

  toJSON(): PublishReport {
    return { event: this.event, deliveries: this.deliveries, settled: this.settled };
  }
}

function describeLoop(
  publication: Publication,
  recent: readonly Event[],
  { depth, events }: { readonly depth: number; readonly events: number },
): CfBusError {
  const chain = causes(publication.event, recent);
  const loop = repeated(chain.map((event) => event.type));
  const what =
    publication.depth > depth ? `a chain of more than ${depth} events` : `more than ${events} events from one`;
  const why =
    loop === undefined ? `${publication.event.type} is the last of them` : `${loop} causes itself without end`;
  return new CfBusError('EVENT_LOOP', `${what}: ${why}`, {
    hint: loop === undefined ? 'cause fewer events at once' : 'break the cycle, or bound it with a condition',
    exitCode: 1,
  });
}

/** The chain of causes that ends in `last`, oldest first, as far as `recent` holds it. */
function causes(last: Event, recent: readonly Event[]): readonly Event[] {
  const byId = new Map(recent.map((event) => [event.id, event]));
  const chain = [last];
  for (let id = last.causationId; id !== undefined; ) {
    const event = byId.get(id);
    if (event === undefined) break;
    chain.unshift(event);
    id = event.causationId;
  }
  return chain;
}

/** The part of a chain of types from the last one's previous place on: `a → b → a`; `undefined` where it is new. */
function repeated(types: readonly string[]): string | undefined {
  const last = types.at(-1) ?? '';
  const previous = types.lastIndexOf(last, -2);
  return previous < 0 ? undefined : types.slice(previous).join(' → ');
}
