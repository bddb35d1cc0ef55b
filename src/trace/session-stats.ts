/** The guide's statistics of one session, as a log tells them. */

/** One subscription, as the log tells it. */
export interface LogSubscriptionStats {
  readonly service: string;
  readonly handler: string;
  /** Event types or patterns, in the order they were subscribed to; empty where the log does not tell. */
  readonly patterns: readonly string[];
  /** Deliveries that ended `done`. */
  readonly delivered: number;
  /** Failed attempts. */
  readonly errors: number;
  /** Attempts after a delivery's first. */
  readonly retries: number;
  /** Deliveries whose only attempt failed. */
  readonly failed: number;
  /** Deliveries whose retries were used up. */
  readonly dead: number;
  readonly dropped: number;
  readonly abandoned: number;
  /** Length of an attempt in milliseconds, exact; `undefined` before the first has ended. */
  readonly p50: number | undefined;
  readonly p95: number | undefined;
  readonly p99: number | undefined;
}

export interface SessionStats {
  readonly session: string;
  /** The scenario that ran, where the log tells. */
  readonly scenario: string | undefined;
  /** ISO 8601, of its first and last record. */
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  /** Types and patterns that had a subscriber when the last event was published. */
  readonly totalEventTypes: number;
  /** One for each type or pattern subscribed to, at the same moment. */
  readonly totalSubscribers: number;
  /** Events published, by type. */
  readonly eventCounts: Readonly<Record<string, number>>;
  /** Failed attempts, by the type of the event that was handled. */
  readonly errorCounts: Readonly<Record<string, number>>;
  /** In order of their first record. */
  readonly subscriptions: readonly LogSubscriptionStats[];
  /** False for a log from level `info` up: then nothing is known of deliveries that succeed. */
  readonly deliveriesLogged: boolean;
  /** Records that could not be written, as the log itself tells. */
  readonly lost: number;
}
