/** What a run gives the session server. The command line implements it; this room knows no bus. */
import type { JsonObject } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';
import type { ExpectationState, FaultChange, PayloadOf } from './protocol.js';

/** What a run says of itself. */
export interface SessionInfo {
  /** The id in every record of this run. */
  readonly session: string;
  /** Name of the scenario, or `null`. */
  readonly scenario: string | null;
  /** ISO 8601, UTC. */
  readonly started: string;
  /** The log file, absolute; `null` where the run writes none. */
  readonly log: string | null;
  readonly version: string;
  readonly paused: boolean;
  /** Times real time. */
  readonly speed: number;
  /** Its time of day, which passes at its speed: ISO 8601, UTC. */
  readonly time: string;
}

/** An event from outside. The payload's size and depth are checked; the type is the host's to judge. */
export interface PublishInput {
  readonly type: string;
  readonly payload: JsonObject;
  readonly source: string | undefined;
  readonly traceId: string | undefined;
}

export interface SettledSummary {
  /** False where the run gave up before everything the event caused had ended (deliveries abandoned, events cancelled). */
  readonly settled: boolean;
  /** Deliveries of the cascade that ended failed or dead. */
  readonly failed: number;
}

export interface Accepted {
  readonly event_id: string;
  readonly trace_id: string;
  /**
   * Resolves when everything the event caused has ended, delayed publishes and retries included, or was given up at
   * close. By then every record of it has been given to the watchers. Must not reject.
   */
  readonly settled: Promise<SettledSummary>;
}

/**
 * A run, as the control socket drives it. Methods may throw a `CfBusError`; the client gets its code, message and
 * hint. Anything else that is thrown reaches the client as `INTERNAL`.
 */
export interface SessionHost {
  hello(): SessionInfo;
  /**
   * Puts an event on the bus. It need not be written yet: `flush` is called before it is acknowledged.
   * @throws CfBusError `INVALID_EVENT`, `LOG_UNAVAILABLE` (nothing was published), `BUS_CLOSED`.
   */
  publish(input: PublishInput): Accepted | Promise<Accepted>;
  /**
   * Returns (resolves) when write(2) has returned for every record so far. Called once for many publishes.
   * @throws CfBusError `LOG_UNAVAILABLE`.
   */
  flush(): void | Promise<void>;
  /**
   * Gives `sink` every record from now on, synchronously and in order; the returned function ends it. `sink` does not
   * throw. Attached only while somebody watches.
   */
  watch(sink: (record: LogRecord) => void): () => void;
  /** The guide's statistics in snake_case, and whatever else is known. JSON. */
  stats(): JsonObject;
  /**
   * Switches a fault; `by` names the client, for `control_changed`. Returns the handlers it acts on, as `service.handler`.
   * @throws CfBusError `NOT_FOUND` for a target that does not exist.
   */
  fault(change: FaultChange, by: string): readonly string[];
  /** Pausing twice does nothing. */
  pause(by: string): void;
  resume(by: string): void;
  /** @param speed times real time, above zero. */
  setSpeed(speed: number, by: string): void;
  /** The payload of a recent event, or of the last one of a type, less what the log leaves out of payloads. */
  payloadOf(wanted: PayloadOf): JsonObject | undefined;
  expectations(): readonly ExpectationState[];
  /** True once its traffic is over and nothing is under way. */
  finished(): boolean;
  /** Begins to end the run, in good order; returns at once. The host closes the server at the end. */
  stop(by: string): void;
}
