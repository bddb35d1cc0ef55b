/** What each handler of a trace did, put together from its deliveries. */
import type { AttemptError, DeliveryNode, EventNode, Trace } from '../trace/index.js';
import { selfTimes } from '../trace/index.js';
import { type FittedDelay, fitDelay, writeDuration } from './fit.js';
import { type CapturedPayload, capturePayload } from './payload.js';

export interface CapturedPublication {
  readonly type: string;
  readonly payload: CapturedPayload;
  readonly after: string | undefined;
  /** Set where the handler publishes this for one of several types only. */
  readonly when: string | undefined;
}

export interface CapturedFault {
  readonly type: 'error' | 'hang' | 'drop';
  readonly probability: string;
  readonly message: string | undefined;
}

export interface CapturedHandler {
  readonly service: string;
  readonly handler: string;
  readonly subscribe: readonly string[];
  readonly delay: FittedDelay | undefined;
  readonly timeout: string | undefined;
  readonly retry: { readonly attempts: number; readonly delay: string } | undefined;
  readonly faults: readonly CapturedFault[];
  readonly publish: readonly CapturedPublication[];
  readonly onError: readonly CapturedPublication[];
  /** Deliveries that were still under way, or about which too little is known. */
  readonly unfinished: number;
}

/** The handlers of a trace, in the order in which they first came. */
export function captureHandlers(trace: Trace): readonly CapturedHandler[] {
  const own = selfTimes(trace.deliveries);
  const events = new Map(trace.events.map((event) => [event.id, event]));
  const groups = new Map<string, DeliveryNode[]>();
  for (const delivery of trace.deliveries) {
    const key = JSON.stringify([delivery.service, delivery.handler]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [delivery]);
    else group.push(delivery);
  }
  return [...groups.values()].map((group) => captureHandler(group, own, events));
}

function captureHandler(
  deliveries: readonly DeliveryNode[],
  own: ReadonlyMap<DeliveryNode, number>,
  events: ReadonlyMap<string, EventNode>,
): CapturedHandler {
  const subscribe = [...new Set(deliveries.map((delivery) => delivery.eventType))];
  const ended = deliveries.filter((delivery) => delivery.state.kind === 'done');
  const lost = deliveries.filter((delivery) => delivery.state.kind === 'failed' || delivery.state.kind === 'dead');
  const tried = deliveries.filter((delivery) => delivery.attempts.length > 0);
  const several = subscribe.length > 1;
  return {
    service: deliveries[0]?.service ?? '',
    handler: deliveries[0]?.handler ?? '',
    subscribe,
    delay: fitDelay(tried.filter((each) => !timedOut(each)).map((each) => (own.get(each) ?? 0) / each.attempts.length)),
    timeout: fitTimeout(deliveries),
    retry: fitRetry(deliveries),
    faults: fitFaults(deliveries),
    publish: publications(ended, events, several),
    onError: publications(lost, events, several),
    unfinished: deliveries.length - ended.length - lost.length - dropped(deliveries).length,
  };
}

/** What most of these deliveries published, each event of a type once, in the order of the first. */
function publications(
  deliveries: readonly DeliveryNode[],
  events: ReadonlyMap<string, EventNode>,
  several: boolean,
): readonly CapturedPublication[] {
  const found = new Map<
    string,
    { readonly event: EventNode; readonly by: DeliveryNode; count: number; readonly of: string }
  >();
  for (const delivery of deliveries) {
    const numbers = new Map<string, number>();
    for (const event of delivery.events) {
      const number = (numbers.get(event.type) ?? 0) + 1;
      numbers.set(event.type, number);
      const key = JSON.stringify([several ? delivery.eventType : '', event.type, number]);
      const entry = found.get(key);
      if (entry === undefined) found.set(key, { event, by: delivery, count: 1, of: delivery.eventType });
      else entry.count++;
    }
  }
  const total = (type: string) => deliveries.filter((each) => !several || each.eventType === type).length;
  return [...found.values()]
    .filter((entry) => entry.count * 2 >= total(entry.of))
    .map(({ event, by, of }) => ({
      type: event.type,
      payload: capturePayload(event, events.get(by.eventId)),
      after: publishedAfter(event, by),
      when: several ? `event.type == "${of}"` : undefined,
    }));
}

/** Time from the handler's end to the publish, where that is more than the log's clock can hide. */
function publishedAfter(event: EventNode, by: DeliveryNode): string | undefined {
  if (!('time' in by.state)) return undefined;
  const late = event.time - by.state.time;
  return late > 1 ? writeDuration(late) : undefined;
}

function errorsOf(deliveries: readonly DeliveryNode[]): readonly AttemptError[] {
  return deliveries.flatMap((delivery) =>
    delivery.attempts.flatMap((attempt) => (attempt.end.kind === 'failed' ? [attempt.end.error] : [])),
  );
}

function timedOut(delivery: DeliveryNode): boolean {
  return errorsOf([delivery]).some((error) => error.name === 'TimeoutError');
}

function dropped(deliveries: readonly DeliveryNode[]): readonly DeliveryNode[] {
  return deliveries.filter((delivery) => delivery.state.kind === 'dropped');
}

function fitTimeout(deliveries: readonly DeliveryNode[]): string | undefined {
  const lengths = deliveries.flatMap((delivery) =>
    delivery.attempts.flatMap(({ end }) =>
      end.kind === 'failed' && end.error.name === 'TimeoutError' ? [end.durationMs] : [],
    ),
  );
  return lengths.length === 0 ? undefined : writeDuration(Math.max(1, Math.round(least(lengths))));
}

function fitRetry(deliveries: readonly DeliveryNode[]): CapturedHandler['retry'] {
  const attempts = deliveries.reduce((most, delivery) => Math.max(most, delivery.attempts.length), 0);
  if (attempts < 2) return undefined;
  const waits = deliveries.flatMap(({ attempts: each }) =>
    each.slice(1).flatMap((attempt, index) => {
      const end = each[index]?.end;
      return end !== undefined && 'time' in end ? [Math.max(0, attempt.startTime - end.time)] : [];
    }),
  );
  return { attempts, delay: writeDuration(waits.length === 0 ? 0 : Math.round(least(waits))) };
}

/** There may be more of them than a call takes arguments. */
function least(numbers: readonly number[]): number {
  return numbers.reduce((smallest, number) => Math.min(smallest, number), Number.POSITIVE_INFINITY);
}

function fitFaults(deliveries: readonly DeliveryNode[]): readonly CapturedFault[] {
  const attempts = deliveries.reduce((sum, delivery) => sum + Math.max(1, delivery.attempts.length), 0);
  const errors = errorsOf(deliveries);
  const faults: CapturedFault[] = [];
  const hung = errors.filter((error) => error.name === 'TimeoutError').length;
  if (hung > 0) faults.push({ type: 'hang', probability: share(hung, attempts), message: undefined });
  const failed = errors.filter((error) => error.name !== 'TimeoutError');
  const counts = new Map<string, number>();
  for (const error of failed) counts.set(error.message, (counts.get(error.message) ?? 0) + 1);
  for (const [message, count] of counts) faults.push({ type: 'error', probability: share(count, attempts), message });
  const lost = dropped(deliveries).length;
  if (lost > 0) faults.push({ type: 'drop', probability: share(lost, attempts), message: undefined });
  return faults;
}

function share(part: number, whole: number): string {
  return `${Number(((part / whole) * 100).toFixed(2))}%`;
}
