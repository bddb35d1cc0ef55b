/** A run in memory: enough of a bus to show what the server does with it. */
import { CfBusError, Ids, type JsonObject } from '../../../src/kernel/index.js';
import type { LogRecord } from '../../../src/record/index.js';
import type {
  Accepted,
  ExpectationState,
  FaultChange,
  PayloadOf,
  PublishInput,
  SessionHost,
  SessionInfo,
} from '../../../src/session/index.js';

/** An event that is published when another one is handled. */
interface Reaction {
  readonly on: string;
  readonly publish: string;
}

export interface MemoryHostOptions {
  readonly session?: string;
  readonly reactions?: readonly Reaction[];
  readonly cwd?: string;
  /** Events of this type settle only when `release` is called. */
  readonly slowType?: string;
}

export class MemoryHost implements SessionHost {
  readonly session: string;
  readonly published: PublishInput[] = [];
  readonly calls: string[] = [];
  readonly #ids: Ids;
  readonly #options: MemoryHostOptions;
  readonly #sinks = new Set<(record: LogRecord) => void>();
  #waiting: (() => void)[] = [];
  #seq = 0;
  #paused = false;
  #speed = 1;
  onStop: () => void = () => {};
  flushes = 0;
  /** Thrown by `flush` while it is set. */
  flushError: CfBusError | undefined;
  /** Thrown by `publish` while it is set. */
  publishError: Error | undefined;
  /** `flush` waits for it. */
  flushGate: Promise<void> = Promise.resolve();

  constructor(options: MemoryHostOptions = {}) {
    this.#options = options;
    this.#ids = new Ids(options.session);
    this.session = this.#ids.session;
  }

  get watchers(): number {
    return this.#sinks.size;
  }

  hello(): SessionInfo {
    return {
      session: this.session,
      scenario: 'Memory',
      started: '2026-01-02T03:04:05.678Z',
      log: null,
      version: '0.1.0',
      paused: this.#paused,
      speed: this.#speed,
      time: '2026-01-02T03:05:06.789Z',
    };
  }

  publish(input: PublishInput): Accepted {
    if (this.publishError !== undefined) throw this.publishError;
    if (!/^[a-z.]+$/.test(input.type)) throw new CfBusError('INVALID_EVENT', `"${input.type}" is no event type`);
    this.published.push(input);
    const trace = input.traceId ?? this.#ids.trace();
    const eventId = this.#ids.event();
    let failed = 0;
    const emit = (type: string, id: string, cause: string | undefined): void => {
      this.record({ type, id, trace, cause });
      if (type.endsWith('.failed')) failed++;
      for (const reaction of this.#options.reactions ?? []) {
        if (reaction.on === type) emit(reaction.publish, this.#ids.event(), id);
      }
    };
    emit(input.type, eventId, undefined);
    const settled = new Promise<void>((resolve) => {
      if (input.type === this.#options.slowType) this.#waiting.push(resolve);
      else resolve();
    }).then(() => ({ settled: true, failed }));
    return { event_id: eventId, trace_id: trace, settled };
  }

  /** Lets the slow events settle. */
  release(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting = [];
  }

  /** Writes one `event_published` record. */
  record(about: { type: string; id?: string; trace?: string; cause?: string | undefined; source?: string }): void {
    const record: LogRecord = {
      level: 'info',
      timestamp: '2026-01-02T03:04:05.678Z',
      seq: ++this.#seq,
      session: this.session,
      event: 'event_published',
      event_type: about.type,
      event_id: about.id ?? this.#ids.event(),
      source: about.source ?? 'test',
      trace_id: about.trace ?? 'other',
      ...(about.cause !== undefined && { causation_id: about.cause }),
      subscriber_count: 0,
      payload_keys: [],
    };
    for (const sink of this.#sinks) sink(record);
  }

  async flush(): Promise<void> {
    this.flushes++;
    await this.flushGate;
    if (this.flushError !== undefined) throw this.flushError;
  }

  watch(sink: (record: LogRecord) => void): () => void {
    this.#sinks.add(sink);
    return () => this.#sinks.delete(sink);
  }

  stats(): JsonObject {
    return { total_event_types: 1, total_subscribers: 2, event_counts: {}, error_counts: {} };
  }

  fault(change: FaultChange, by: string): readonly string[] {
    if (change.target === 'nobody') throw new CfBusError('NOT_FOUND', 'no handler is called "nobody"');
    this.calls.push(`fault ${change.type} ${change.on ? 'on' : 'off'} by ${by}`);
    return [`svc.${change.target}`];
  }

  pause(by: string): void {
    this.#paused = true;
    this.calls.push(`pause by ${by}`);
  }

  resume(by: string): void {
    this.#paused = false;
    this.calls.push(`resume by ${by}`);
  }

  setSpeed(speed: number, by: string): void {
    this.#speed = speed;
    this.calls.push(`speed ${speed} by ${by}`);
  }

  payloadOf(wanted: PayloadOf): JsonObject | undefined {
    if ('event_id' in wanted) return wanted.event_id === 'e1' ? { of: 'e1' } : undefined;
    return this.published.findLast(({ type }) => type === wanted.type)?.payload;
  }

  expectations(): readonly ExpectationState[] {
    return [{ label: 'never a.failed', state: 'holds', detail: 'not seen' }];
  }

  finished(): boolean {
    return true;
  }

  stop(by: string): void {
    this.calls.push(`stop by ${by}`);
    this.onStop();
  }
}
