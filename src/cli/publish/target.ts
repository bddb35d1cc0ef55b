/** Where `publish` puts an event: a session in another process, or a bus that lives for this command alone. */
import type { JsonObject } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';

export interface Publication {
  readonly type: string;
  readonly payload: JsonObject;
  readonly source: string;
  readonly traceId: string | undefined;
}

/** An event that the bus has taken, and that is in the log. */
export interface Taken {
  readonly eventId: string;
  readonly traceId: string;
  /** Resolves when everything that the event caused has ended, or was given up. */
  readonly settled: Promise<Settlement>;
  /** Records of what the event caused, as far as they have come. */
  readonly records: readonly LogRecord[];
}

export interface Settlement {
  /** False where the run ended before everything had. */
  readonly settled: boolean;
  /** Deliveries that ended failed or dead. */
  readonly failed: number;
  /** Records that are missing in `records`, because there were too many. */
  readonly recordsLeftOut: number;
}

export interface Target {
  /** The id in the records. */
  readonly session: string;
  publish(publication: Publication): Promise<Taken>;
  /** Gives the target back; a bus of its own is drained and its log flushed first. */
  close(): Promise<void>;
}
