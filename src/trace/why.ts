/** Why an event reached a subscriber, or did not: one answer for each subscriber of its session. */
import { CfBusError, suggest } from '../kernel/index.js';
import type { LogRecord, RecordOf } from '../record/index.js';
import { buildTrace } from './build.js';
import type { ReadReport } from './find-result.js';
import type { AttemptError, DeliveryNode, EventNode } from './forest.js';
import type { LogInput } from './read/input.js';
import { readRecords } from './read/records.js';
import { isTraceRecord, type TraceRecord } from './trace-records.js';

export interface WhyOptions {
  /** Only of this session. Default: the newest that has the event. */
  readonly session?: string | undefined;
  /** The bus's own test of topic patterns; never throws for a pattern that is none. */
  readonly matches: (pattern: string, eventType: string) => boolean;
}

export type Verdict =
  /** `fault`: what acted on it, though it went well. */
  | {
      readonly kind: 'delivered';
      readonly attempts: number;
      readonly durationMs: number | undefined;
      readonly fault: string | undefined;
    }
  /** Its handler failed: given up at once, or after all retries. */
  | {
      readonly kind: 'failed' | 'timed_out';
      readonly attempts: number;
      readonly error: AttemptError;
      readonly fault: string | undefined;
    }
  | { readonly kind: 'dropped'; readonly reason: string; readonly fault: string | undefined }
  | { readonly kind: 'abandoned'; readonly reason: string; readonly attempts: number }
  /** Not over when the log ends. `paused`: by then, the bus was paused. */
  | {
      readonly kind: 'running' | 'waiting_for_retry' | 'not_begun';
      readonly attempts: number;
      readonly paused: boolean;
    }
  /** Its pattern matches, and this log (from level `info` up) does not tell of deliveries that succeed. */
  | { readonly kind: 'not_logged' }
  /** None of its patterns matches. */
  | { readonly kind: 'no_match' }
  /** Its pattern matches, and it subscribed later. */
  | { readonly kind: 'too_late'; readonly afterMs: number }
  /** Its pattern matches, and it had unsubscribed. */
  | { readonly kind: 'unsubscribed'; readonly beforeMs: number };

export interface WhySubscriber {
  readonly subscriptionId: string;
  /** Empty where it named none. */
  readonly service: string;
  readonly handler: string;
  /** Empty where its subscription is not in the log. */
  readonly patterns: readonly string[];
  readonly verdict: Verdict;
}

export interface WhyReport {
  readonly event: EventNode;
  readonly traceId: string;
  readonly session: string;
  /** Those it should have reached first, then the others, each in the order they subscribed. */
  readonly subscribers: readonly WhySubscriber[];
  /** Where no pattern matches: the one that comes nearest, and whose it is. */
  readonly nearest: { readonly pattern: string; readonly service: string; readonly handler: string } | undefined;
  /** Older sessions with an event of this id, newest first. */
  readonly otherSessions: readonly string[];
}

export interface WhyResult {
  /** `undefined` where no record tells of the event. */
  readonly report: WhyReport | undefined;
  /** Trace ids that are what was asked for: it is no event's id. */
  readonly isTraceId: boolean;
  readonly read: ReadReport;
}

/**
 * Reads `inputs` once.
 * @throws CfBusError `USAGE` for an empty id; `FILE_UNREADABLE` naming the file.
 */
export async function explainEvent(
  inputs: readonly LogInput[],
  eventId: string,
  options: WhyOptions,
): Promise<WhyResult> {
  if (eventId === '') throw new CfBusError('USAGE', 'an event id is not empty');
  const sessions = new Map<string, SessionFacts>();
  let isTraceId = false;
  const read = await readRecords(inputs, (record) => {
    if (options.session !== undefined && record.session !== options.session) return;
    let facts = sessions.get(record.session);
    if (facts === undefined) {
      facts = new SessionFacts();
      sessions.set(record.session, facts);
    }
    facts.take(record, eventId);
    if (record.trace_id === eventId) isTraceId = true;
  });
  const found = [...sessions].filter(([, { own }]) => own.length > 0);
  // Records of later sessions come later in the log; of several logs the timestamp decides.
  found.sort(([, a], [, b]) => compareText(b.own[0]?.timestamp ?? '', a.own[0]?.timestamp ?? ''));
  const [newest, ...others] = found;
  if (newest === undefined) return { report: undefined, isTraceId, read };
  const [session, facts] = newest;
  const otherSessions = others.map(([name]) => name);
  return { report: reportOf(session, facts, eventId, options.matches, otherSessions), isTraceId, read };
}

interface Subscribed {
  readonly pattern: string;
  readonly seq: number;
  readonly time: number;
  until: { readonly seq: number; readonly time: number } | undefined;
}

interface Subscriber {
  readonly service: string;
  readonly handler: string;
  readonly patterns: Subscribed[];
}

/** What one session's records tell that may matter. */
class SessionFacts {
  readonly subscribers = new Map<string, Subscriber>();
  /** The event's own records, and those of its deliveries. */
  readonly own: TraceRecord[] = [];
  paused = false;
  /** True once a record was seen that only a log from level `debug` up has. */
  deliveriesLogged = false;

  take(record: LogRecord, eventId: string): void {
    switch (record.event) {
      case 'event_subscription':
        return this.#subscribed(record);
      case 'event_unsubscription':
        return this.#unsubscribed(record);
      case 'control_changed':
        if (/^resume/i.test(record.action)) this.paused = false;
        else if (/^pause/i.test(record.action)) this.paused = true;
        return;
      case 'event_handler_start':
      case 'event_handler_complete':
        this.deliveriesLogged = true;
        break;
      default:
        break;
    }
    if (isTraceRecord(record) && record.event_id === eventId) this.own.push(record);
  }

  #subscribed({ subscription_id, service, handler, event_type, seq, timestamp }: RecordOf<'event_subscription'>): void {
    let subscriber = this.subscribers.get(subscription_id);
    if (subscriber === undefined) {
      subscriber = { service, handler, patterns: [] };
      this.subscribers.set(subscription_id, subscriber);
    }
    subscriber.patterns.push({ pattern: event_type, seq, time: Date.parse(timestamp), until: undefined });
  }

  #unsubscribed({ subscription_id, event_type, seq, timestamp }: RecordOf<'event_unsubscription'>): void {
    const patterns = this.subscribers.get(subscription_id)?.patterns;
    const last = patterns?.findLast(({ pattern, until }) => pattern === event_type && until === undefined);
    if (last !== undefined) last.until = { seq, time: Date.parse(timestamp) };
  }
}

function reportOf(
  session: string,
  facts: SessionFacts,
  eventId: string,
  matches: WhyOptions['matches'],
  otherSessions: readonly string[],
): WhyReport | undefined {
  const traceId = facts.own[0]?.trace_id ?? '';
  const trace = buildTrace(facts.own, { traceId, session });
  const event = trace.events.find(({ id }) => id === eventId);
  if (event === undefined) return undefined;
  const judge = new Judge(event, facts, matches);
  const subscribers = judge.all();
  const reached = subscribers.some(({ verdict }) => verdict.kind !== 'no_match');
  return {
    event,
    traceId,
    session,
    subscribers,
    nearest: reached ? undefined : nearestTo(event.type, facts),
    otherSessions,
  };
}

class Judge {
  readonly #event: EventNode;
  readonly #facts: SessionFacts;
  readonly #matches: WhyOptions['matches'];

  constructor(event: EventNode, facts: SessionFacts, matches: WhyOptions['matches']) {
    this.#event = event;
    this.#facts = facts;
    this.#matches = matches;
  }

  all(): WhySubscriber[] {
    const deliveries = new Map(this.#event.deliveries.map((delivery) => [delivery.subscriptionId, delivery]));
    const known = Array.from(
      this.#facts.subscribers,
      ([subscriptionId, { service, handler, patterns }]): WhySubscriber => {
        const delivery = deliveries.get(subscriptionId);
        deliveries.delete(subscriptionId);
        const verdict = delivery === undefined ? this.#without(patterns) : this.#of(delivery);
        const names = [...new Set(patterns.map(({ pattern }) => pattern))];
        return { subscriptionId, service, handler, patterns: names, verdict };
      },
    );
    // Their subscriptions are in an older part of the log, or were not logged.
    const unknown = Array.from(deliveries.values(), (delivery): WhySubscriber => {
      const { subscriptionId, service, handler } = delivery;
      return { subscriptionId, service, handler, patterns: [], verdict: this.#of(delivery) };
    });
    const all = [...known, ...unknown];
    return [...all.filter(isConcerned), ...all.filter((subscriber) => !isConcerned(subscriber))];
  }

  #of(delivery: DeliveryNode): Verdict {
    const { state, attempts, durationMs } = delivery;
    const count = attempts.length;
    const last = attempts.at(-1)?.end;
    const fault = last !== undefined && 'fault' in last ? last.fault : undefined;
    switch (state.kind) {
      case 'done':
        return { kind: 'delivered', attempts: count, durationMs, fault };
      case 'failed':
        return { kind: failure(state.error), attempts: count, error: state.error, fault };
      case 'dead': {
        const error = state.error ?? { name: '', message: state.reason };
        return { kind: failure(error), attempts: count, error, fault };
      }
      case 'dropped':
        return { kind: 'dropped', reason: state.reason, fault: state.fault };
      case 'abandoned':
        return { kind: 'abandoned', reason: state.reason, attempts: count };
      case 'waiting':
        return { kind: 'waiting_for_retry', attempts: count, paused: this.#facts.paused };
      case 'running':
        return { kind: 'running', attempts: count, paused: this.#facts.paused };
      case 'unknown':
        return { kind: 'not_logged' };
    }
  }

  /** Why there is no delivery to it in the log. */
  #without(patterns: readonly Subscribed[]): Verdict {
    const { type, seq, time } = this.#event;
    const fitting = patterns.filter(({ pattern }) => this.#matches(pattern, type));
    if (fitting.length === 0) return { kind: 'no_match' };
    const present = fitting.some((one) => one.seq < seq && (one.until === undefined || one.until.seq > seq));
    if (present) {
      if (!this.#facts.deliveriesLogged) return { kind: 'not_logged' };
      return { kind: 'not_begun', attempts: 0, paused: this.#facts.paused };
    }
    const left = fitting.findLast(({ until }) => until !== undefined && until.seq < seq)?.until;
    if (left !== undefined) return { kind: 'unsubscribed', beforeMs: Math.max(0, time - left.time) };
    const first = fitting.reduce((least, one) => Math.min(least, one.time), Number.POSITIVE_INFINITY);
    return { kind: 'too_late', afterMs: Math.max(0, first - time) };
  }
}

function failure({ name }: AttemptError): 'failed' | 'timed_out' {
  return name === 'TimeoutError' ? 'timed_out' : 'failed';
}

function isConcerned({ verdict }: WhySubscriber): boolean {
  return verdict.kind !== 'no_match';
}

/** The pattern with the fewest slips from the event's type; failing that, the one that begins like it. */
function nearestTo(eventType: string, { subscribers }: SessionFacts): WhyReport['nearest'] {
  const owners = new Map<string, Subscriber>();
  for (const subscriber of subscribers.values()) {
    for (const { pattern } of subscriber.patterns) if (!owners.has(pattern)) owners.set(pattern, subscriber);
  }
  const [start] = eventType.split('.', 1);
  const pattern =
    suggest(eventType, owners.keys()) ?? [...owners.keys()].find((each) => each.split('.', 1)[0] === start);
  const owner = pattern === undefined ? undefined : owners.get(pattern);
  return pattern === undefined || owner === undefined
    ? undefined
    : { pattern, service: owner.service, handler: owner.handler };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
