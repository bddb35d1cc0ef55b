/** Which of the guide's records belong together: concluded from their order, types and handlers. */
import type { GuideRecord } from './dialect/guide.js';

export interface NestedEvent {
  readonly id: string;
  readonly record: Extract<GuideRecord, { readonly kind: 'published' }> | undefined;
  readonly type: string;
  /** Position of its first record. */
  readonly seq: number;
  readonly time: number;
  traceId: string | undefined;
  readonly cause: NestedCause | undefined;
  readonly deliveries: NestedDelivery[];
}

/** The delivery that led to it; or only the event, where several deliveries of that may have. */
export interface NestedCause {
  readonly event: NestedEvent;
  readonly delivery: NestedDelivery | undefined;
}

export interface NestedDelivery {
  readonly id: string;
  readonly event: NestedEvent;
  readonly start: Placed<'start'>;
  end: Placed<'complete' | 'error'> | undefined;
}

export interface Placed<Kind extends GuideRecord['kind']> {
  readonly record: Extract<GuideRecord, { readonly kind: Kind }>;
  readonly seq: number;
  readonly time: number;
}

/** So many events of a type and deliveries are looked through: of more, the older ones never ended, or are not logged. */
const MOST = 200;

/** Takes records in the order of the log. */
export class Nesting {
  readonly events: NestedEvent[] = [];
  readonly #byType = new Map<string, NestedEvent[]>();
  #running: NestedDelivery[] = [];
  #seq = 0;
  #deliveries = 0;
  #time = 0;

  take(record: GuideRecord): void {
    this.#seq++;
    this.#time = record.time ?? this.#time;
    const place = { seq: this.#seq, time: this.#time };
    if (record.kind === 'published') this.#publish(record, place);
    else if (record.kind === 'start') this.#start({ record, ...place });
    else this.#end({ record, ...place });
  }

  #publish(record: Extract<GuideRecord, { readonly kind: 'published' }>, place: { seq: number; time: number }): void {
    const cause = this.#cause(record.traceId);
    this.#add({ record, type: record.type, ...place, traceId: record.traceId ?? cause?.event.traceId, cause });
  }

  #add(event: Omit<NestedEvent, 'id' | 'deliveries'>): NestedEvent {
    const added = { ...event, id: `event-${this.events.length + 1}`, deliveries: [] };
    this.events.push(added);
    const ofType = this.#byType.get(added.type);
    if (ofType === undefined) this.#byType.set(added.type, [added]);
    else ofType.push(added);
    if (ofType !== undefined && ofType.length > MOST) ofType.shift();
    return added;
  }

  /** Of the running deliveries of the same request those that run inside no other, if that is not ambiguous. */
  #cause(traceId: string | undefined): NestedCause | undefined {
    const own = this.#running.filter(
      ({ event }) => traceId === undefined || event.traceId === undefined || event.traceId === traceId,
    );
    const outer = new Set(own.flatMap((delivery) => ancestors(delivery)));
    const [innermost, ...others] = own.filter((delivery) => !outer.has(delivery));
    if (innermost === undefined) return undefined;
    if (others.length === 0) return { event: innermost.event, delivery: innermost };
    return others.every(({ event }) => event === innermost.event)
      ? { event: innermost.event, delivery: undefined }
      : undefined;
  }

  #start(start: Placed<'start'>): void {
    const { type, traceId } = start.record;
    const ofType = this.#byType.get(type) ?? [];
    const fitting = ofType.filter((event) => traceId === undefined || event.traceId === traceId);
    const waiting = fitting.findLast(({ record, deliveries }) => deliveries.length < (record?.subscribers ?? 0));
    const { seq, time } = start;
    const event =
      waiting ?? fitting.at(-1) ?? this.#add({ record: undefined, type, seq, time, traceId, cause: undefined });
    const delivery = { id: `delivery-${++this.#deliveries}`, event, start, end: undefined };
    event.deliveries.push(delivery);
    this.#running.push(delivery);
    if (this.#running.length > MOST) this.#running.shift();
  }

  #end(end: Placed<'complete' | 'error'>): void {
    const { type, handler, traceId } = end.record;
    const ended = this.#running.find(
      ({ event, start }) =>
        event.type === type && start.record.handler === handler && (traceId === undefined || event.traceId === traceId),
    );
    if (ended === undefined) return;
    ended.end = end;
    this.#running = this.#running.filter((delivery) => delivery !== ended);
  }
}

/** The deliveries around one. */
function ancestors({ event }: NestedDelivery): NestedDelivery[] {
  const found: NestedDelivery[] = [];
  for (let cause = event.cause; cause !== undefined; cause = cause.event.cause) {
    if (cause.delivery !== undefined) found.push(cause.delivery);
    // Which one it was is not known: it was one of them.
    else for (const delivery of cause.event.deliveries) found.push(delivery);
  }
  return found;
}
