/** What became of an event for each subscriber: judged from its deliveries and from when it was subscribed. */
import { suggest } from '../kernel/index.js';
import type { AttemptError, DeliveryNode, EventNode } from './forest.js';

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

export interface Subscribed {
  readonly pattern: string;
  readonly seq: number;
  readonly time: number;
  until: { readonly seq: number; readonly time: number } | undefined;
}

export interface Subscriber {
  readonly service: string;
  readonly handler: string;
  readonly patterns: Subscribed[];
}

/** What a session's records tell of its subscribers. */
export interface Audience {
  readonly subscribers: ReadonlyMap<string, Subscriber>;
  /** The bus is paused when the log ends. */
  readonly paused: boolean;
  /** False for a log from level `info` up. */
  readonly deliveriesLogged: boolean;
}

export type Matches = (pattern: string, eventType: string) => boolean;

/** Those that the event should have reached first, then the others, each in the order they subscribed. */
export function judge(event: EventNode, audience: Audience, matches: Matches): readonly WhySubscriber[] {
  return new Judge(event, audience, matches).all();
}

class Judge {
  readonly #event: EventNode;
  readonly #facts: Audience;
  readonly #matches: Matches;

  constructor(event: EventNode, facts: Audience, matches: Matches) {
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

export interface NearestPattern {
  readonly pattern: string;
  readonly service: string;
  readonly handler: string;
}

/** The pattern with the fewest slips from the event's type; failing that, the one that begins like it. */
export function nearestTo(eventType: string, { subscribers }: Audience): NearestPattern | undefined {
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
