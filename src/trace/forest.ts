/**
 * What one request did, as a forest: events lead to deliveries, deliveries lead to events.
 *
 * Times are milliseconds since 1970-01-01T00:00:00Z, as the log's timestamps give them (whole milliseconds). Durations
 * are milliseconds with at most three decimals, as the bus measured them. Everything is in order of `seq`.
 */

/**
 * What about a node is not in the log, but concluded from the order and nesting of records that carry no ids: never to be
 * shown as a fact. `identity`: that its records belong together; `cause`: what led to it; `start`: when it began;
 * `duration`: how long it took.
 */
export type InferredFact = 'identity' | 'cause' | 'start' | 'duration';

/** A trace is known by both: the same id may occur in several sessions of one log. */
export interface TraceKey {
  readonly traceId: string;
  /** Empty for records of a bus that has no sessions. */
  readonly session: string;
}

export interface Trace extends TraceKey {
  /** Events that nothing in this trace led to: true beginnings, orphans, and where a cycle was cut. */
  readonly roots: readonly EventNode[];
  /** Every event, nested ones included. */
  readonly events: readonly EventNode[];
  /** Every delivery, nested ones included. */
  readonly deliveries: readonly DeliveryNode[];
  /** False for a log from level `info` up: it tells of failed deliveries only, so nothing is known of the others. */
  readonly deliveriesLogged: boolean;
  /** True where some of it was concluded, not logged; the nodes' `inferred` says what. */
  readonly inferred?: true;
  readonly problems: TraceProblems;
  /** Where records were lost while the request was under way: the trace may lack some of its own. */
  readonly gaps: readonly LogGap[];
}

/** Records that could not be written. */
export interface LogGap {
  /** Of the record that tells of it, which stands where they are missing. */
  readonly seq: number;
  /** When writing was possible again; `undefined` where that record has no valid timestamp. */
  readonly time: number | undefined;
  /** How many, of whichever requests. */
  readonly lost: number;
}

/** What was odd about the records; all zero for a whole log. */
export interface TraceProblems {
  /** Roots whose cause is not in the log (of this trace). */
  readonly orphans: number;
  /** Cycles of causes, each cut at its earliest event. */
  readonly cycles: number;
  /** Records that repeat what another one said; left out. */
  readonly duplicates: number;
  /** Records that came after one with a higher `seq`; put in their place. */
  readonly outOfOrder: number;
  /** Events with a lower `seq` than what led to them. */
  readonly effectBeforeCause: number;
  /** Events of which only deliveries are in the log. */
  readonly missingPublishes: number;
  /** Attempts whose ending is in the log, but not their start. */
  readonly missingStarts: number;
  /** Attempts that must have ended, without a record of it. */
  readonly missingEndings: number;
  /** Records with an earlier timestamp than the one before them. */
  readonly clockBackwards: number;
  /** Records whose timestamp is none; they count as of the time of the record before them. */
  readonly badTimestamps: number;
}

/** What led to an event. */
export type Cause =
  /** Nothing: a request begins here. */
  | { readonly kind: 'none' }
  /** The delivery in whose `events` this one is. */
  | { readonly kind: 'delivery'; readonly eventId: string; readonly deliveryId: string }
  /** The event in whose `events` this one is; which delivery of it was not logged. */
  | { readonly kind: 'event'; readonly eventId: string }
  /** Something that is not in the log of this trace: the event is an orphan. */
  | { readonly kind: 'missing'; readonly eventId: string | undefined; readonly deliveryId: string | undefined }
  /** Something that this event itself led to, so the log is wrong. */
  | { readonly kind: 'cycle'; readonly eventId: string }
  /** Not known: the event's own record is not in the log, only deliveries of it are. */
  | { readonly kind: 'unknown' };

export interface EventNode {
  /** Left out where all of it is in the log. */
  readonly inferred?: readonly InferredFact[];
  readonly id: string;
  readonly type: string;
  /** When it was published; without that record, the earliest time that is known of it. */
  readonly time: number;
  readonly seq: number;
  /** `undefined` where no record that tells it is in the log. */
  readonly source: string | undefined;
  /** What its `event_published` tells; `undefined` where that record is not in the log. */
  readonly published: Publication | undefined;
  readonly noSubscribers: boolean;
  readonly cause: Cause;
  readonly deliveries: readonly DeliveryNode[];
  /** Subscribers of which the log has no delivery: still queued when it ends, or not logged (see `deliveriesLogged`). */
  readonly unseenDeliveries: number;
  /** Events it led to through a delivery that is not in the log. */
  readonly events: readonly EventNode[];
}

export interface Publication {
  readonly subscriberCount: number;
  readonly payloadKeys: readonly string[];
  /** Only where payloads are logged. */
  readonly payload: unknown;
}

export interface DeliveryNode {
  /** Left out where all of it is in the log. */
  readonly inferred?: readonly InferredFact[];
  readonly id: string;
  readonly subscriptionId: string;
  readonly eventId: string;
  readonly eventType: string;
  /** Empty where the subscriber named none. */
  readonly service: string;
  readonly handler: string;
  /** Its first record's. */
  readonly seq: number;
  /** When its first attempt began, or when it was dropped or abandoned before one. */
  readonly time: number;
  /** By number. Empty where it was dropped or abandoned before an attempt. */
  readonly attempts: readonly Attempt[];
  /** From publish to the first attempt. */
  readonly queuedMs: number | undefined;
  /** From the start of the first attempt to the ending, waits between attempts included; `undefined` while unfinished. */
  readonly durationMs: number | undefined;
  readonly state: DeliveryState;
  /** Events published by it. */
  readonly events: readonly EventNode[];
}

export type DeliveryState =
  | { readonly kind: 'done'; readonly time: number }
  /** Its only attempt failed. */
  | { readonly kind: 'failed'; readonly time: number; readonly error: AttemptError }
  /** Its retries are used up. */
  | {
      readonly kind: 'dead';
      readonly seq: number;
      readonly time: number;
      readonly reason: string;
      readonly error: AttemptError | undefined;
    }
  | {
      readonly kind: 'dropped';
      readonly seq: number;
      readonly time: number;
      readonly reason: string;
      readonly fault: string | undefined;
    }
  | { readonly kind: 'abandoned'; readonly seq: number; readonly time: number; readonly reason: string }
  /** Its last attempt had not ended when the log ends. */
  | { readonly kind: 'running' }
  /** It waited for a retry when the log ends. */
  | { readonly kind: 'waiting'; readonly error: AttemptError }
  /** It was to be tried again, and this log (from level `info` up) does not tell of attempts that succeed. */
  | { readonly kind: 'unknown'; readonly error: AttemptError };

export interface AttemptError {
  readonly name: string;
  readonly message: string;
}

export interface Attempt {
  /** 1 for the first. */
  readonly number: number;
  readonly seq: number;
  /** From its start's record, else its ending less its duration. */
  readonly startTime: number;
  readonly startLogged: boolean;
  readonly end: AttemptEnd;
}

export type AttemptEnd =
  | {
      readonly kind: 'done';
      readonly seq: number;
      readonly time: number;
      readonly durationMs: number;
      readonly fault: string | undefined;
    }
  | {
      readonly kind: 'failed';
      readonly seq: number;
      readonly time: number;
      readonly durationMs: number;
      readonly fault: string | undefined;
      readonly error: AttemptError;
      readonly willRetry: boolean;
    }
  /** Ended by the delivery's drop or abandonment. */
  | { readonly kind: 'cut'; readonly time: number; readonly durationMs: number }
  /** It ended, since something came after it, but that record is not in the log. */
  | { readonly kind: 'unlogged' }
  | { readonly kind: 'running' };
