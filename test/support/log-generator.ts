/** Valid logs for tests: a little bus that only keeps its books. The same seed gives the same log. */
import { type Random, seededRandom } from '../../src/kernel/index.js';
import type { Level, LogRecord, RecordFields, RecordKind } from '../../src/record/index.js';
import { classify, LEVELS, RECORD_LEVELS } from '../../src/record/index.js';

export interface GeneratorOptions {
  readonly seed: number;
  /** Default 3. */
  readonly traces?: number;
  /** Default `s1`. */
  readonly session?: string;
  /** Id of the n-th trace, from 1. Default `req-1`, … */
  readonly traceId?: (index: number) => string;
  /** Records below it are left out. Default `debug`. */
  readonly level?: Level;
  /** Milliseconds since 1970. */
  readonly startTime?: number;
  /** Levels of events at most. Default 4. */
  readonly depth?: number;
  /** Default true; false: everything succeeds at once. */
  readonly failures?: boolean;
}

export interface ExpectedEvent {
  readonly type: string;
  readonly traceId: string;
  readonly causeDelivery: string | undefined;
}

export interface ExpectedDelivery {
  readonly eventId: string;
  readonly traceId: string;
  readonly state: 'done' | 'failed' | 'dead' | 'dropped' | 'abandoned';
  readonly attempts: number;
}

export interface GeneratedLog {
  readonly records: readonly LogRecord[];
  readonly traceIds: readonly string[];
  readonly session: string;
  /** What happened, whatever of it was logged. */
  readonly events: ReadonlyMap<string, ExpectedEvent>;
  readonly deliveries: ReadonlyMap<string, ExpectedDelivery>;
}

const TYPES = ['index.started', 'index.updated', 'index.completed', 'llm.request', 'llm.response', 'cache.cleared'];
const HANDLERS = [
  ['vector_index', 'index_repository'],
  ['metrics', 'track_index_metrics'],
  ['notifications', 'notify_on_failure'],
  ['', 'anonymous'],
] as const;
const START = Date.UTC(2026, 10, 23, 10, 0, 0);

export function generateLog(options: GeneratorOptions): GeneratedLog {
  const generator = new Generator(options);
  generator.run();
  return generator;
}

/** The records as the lines of a log file. */
export function toLines(records: Iterable<LogRecord>): string {
  let text = '';
  for (const record of records) text += `${JSON.stringify(record)}\n`;
  return text;
}

interface Step {
  readonly time: number;
  readonly order: number;
  readonly run: () => void;
}

class Generator implements GeneratedLog {
  readonly records: LogRecord[] = [];
  readonly traceIds: string[] = [];
  readonly events = new Map<string, ExpectedEvent>();
  readonly deliveries = new Map<string, ExpectedDelivery>();
  readonly session: string;
  readonly #options: GeneratorOptions;
  readonly #random: Random;
  readonly #steps: Step[] = [];
  #order = 0;
  #time: number;
  #seq = 0;
  #eventNumber = 0;
  #deliveryNumber = 0;

  constructor(options: GeneratorOptions) {
    this.#options = options;
    this.session = options.session ?? 's1';
    this.#random = seededRandom(options.seed);
    this.#time = options.startTime ?? START;
  }

  run(): void {
    this.#write('session_started', {
      clock: 'real',
      version: '0.1.0',
      scenario: 'generated',
      seed: this.#options.seed,
    });
    HANDLERS.forEach(([service, handler], index) => {
      const subscription_id = `sub-${this.session}-${index + 1}`;
      const event_type = TYPES[index] ?? '**';
      this.#write('event_subscription', { event_type, subscription_id, service, handler, total_subscribers: 1 });
    });
    for (let index = 1; index <= (this.#options.traces ?? 3); index++) {
      const traceId = this.#options.traceId?.(index) ?? `req-${index}`;
      this.traceIds.push(traceId);
      this.#later(this.#pick(40), () => this.#publish(traceId, undefined, 1));
      if (this.#chance(0.2)) this.#later(this.#pick(80), () => this.#publish(traceId, undefined, 1));
    }
    for (let step = this.#next(); step !== undefined; step = this.#next()) {
      this.#time = step.time;
      step.run();
    }
    const none = { errors: 0, dead: 0, dropped: 0, abandoned: 0 };
    const totals = { events: this.#eventNumber, deliveries: this.#deliveryNumber, ...none };
    this.#write('session_stopped', { reason: 'finished', ...totals });
  }

  #publish(traceId: string, cause: { eventId: string; deliveryId: string } | undefined, depth: number): void {
    const event_id = `evt-${this.session}-${++this.#eventNumber}`;
    const event_type = TYPES[this.#pick(TYPES.length)] ?? 'index.started';
    const subscribers = depth > (this.#options.depth ?? 4) ? 0 : this.#pick(4);
    const source = cause === undefined ? 'api_gateway' : 'service';
    this.events.set(event_id, { type: event_type, traceId, causeDelivery: cause?.deliveryId });
    this.#write('event_published', {
      ...{ event_type, event_id, source, trace_id: traceId },
      ...(cause === undefined ? {} : { causation_id: cause.eventId, causation_delivery_id: cause.deliveryId }),
      ...{ subscriber_count: subscribers, payload_keys: ['repo_path'] },
    });
    if (subscribers === 0) this.#write('event_no_subscribers', { event_type, event_id, source, trace_id: traceId });
    for (let index = 0; index < subscribers; index++) {
      const [service, handler] = HANDLERS[index] ?? HANDLERS[0];
      const delivery = {
        ...{
          delivery_id: `dlv-${this.session}-${++this.#deliveryNumber}`,
          subscription_id: `sub-${this.session}-${index + 1}`,
        },
        ...{ event_id, event_type, trace_id: traceId, service, handler },
      };
      this.#deliver(delivery, depth);
    }
  }

  #deliver(delivery: DeliveryKeys, depth: number): void {
    const failing = this.#options.failures !== false && this.#chance(0.3);
    const wait = this.#chance(0.3) ? this.#pick(20) : 0;
    if (!failing) return this.#plan(delivery, 'done', 1, wait, depth);
    const kind = this.#pick(6);
    if (kind === 0) return this.#later(wait, () => this.#end(delivery, 'dropped', 0, 'queue_full'));
    if (kind === 1) return this.#later(wait, () => this.#end(delivery, 'abandoned', 0, 'bus_closed'));
    if (kind === 2) return this.#plan(delivery, 'failed', 1, wait, depth);
    if (kind === 3) return this.#plan(delivery, 'abandoned', 1 + this.#pick(3), wait, depth);
    return this.#plan(delivery, kind === 4 ? 'dead' : 'done', 2 + this.#pick(2), wait, depth);
  }

  /** Attempts one after the other, of which the last decides. */
  #plan(delivery: DeliveryKeys, state: ExpectedDelivery['state'], attempts: number, wait: number, depth: number): void {
    this.#expect(delivery, state, attempts);
    const attempt = (number: number) => {
      this.#write('event_handler_start', { ...delivery, attempt: number });
      const length = this.#pick(60);
      const last = number === attempts;
      const cause = { eventId: delivery.event_id, deliveryId: delivery.delivery_id };
      for (let left = this.#pick(3) - (last ? 0 : 1); left > 0; left--) {
        this.#later(this.#pick(length + 1), () => this.#publish(delivery.trace_id, cause, depth + 1));
      }
      this.#later(length, () => {
        const ended = { ...delivery, attempt: number, duration_ms: length + this.#pick(1000) / 1000, queued_ms: wait };
        if (last && state === 'done') return this.#write('event_handler_complete', ended);
        if (last && state === 'abandoned') return this.#end(delivery, 'abandoned', number, 'bus_closed');
        const error = { error: `disk full (${number})`, error_name: 'SimulatedFault', will_retry: !last };
        this.#write('event_handler_error', { ...ended, ...error });
        if (!last) return this.#later(this.#pick(30), () => attempt(number + 1));
        if (state === 'dead') this.#end(delivery, 'dead', number, error.error);
      });
    };
    this.#later(wait, () => attempt(1));
  }

  #end(delivery: DeliveryKeys, state: 'dropped' | 'dead' | 'abandoned', attempt: number, reason: string): void {
    this.#expect(delivery, state, attempt);
    this.#write(`event_delivery_${state}`, { ...delivery, attempt, reason });
  }

  #expect({ delivery_id, event_id, trace_id }: DeliveryKeys, state: ExpectedDelivery['state'], attempts: number): void {
    this.deliveries.set(delivery_id, { eventId: event_id, traceId: trace_id, state, attempts });
  }

  #write<K extends RecordKind>(event: K, fields: RecordFields<K>): void {
    const level = RECORD_LEVELS[event];
    const timestamp = new Date(this.#time).toISOString();
    const classified = classify({ level, timestamp, event, seq: ++this.#seq, session: this.session, ...fields });
    if (classified.kind !== 'record') throw new Error(`the generator made an invalid ${event}`);
    const threshold = LEVELS.indexOf(this.#options.level ?? 'debug');
    if (LEVELS.indexOf(level) >= threshold) this.records.push(classified.record);
  }

  #pick(below: number): number {
    return Math.floor(this.#random.next() * below);
  }

  #chance(share: number): boolean {
    return this.#random.next() < share;
  }

  #later(delay: number, run: () => void): void {
    this.#steps.push({ time: this.#time + delay, order: this.#order++, run });
  }

  #next(): Step | undefined {
    let best = 0;
    this.#steps.forEach((step, index) => {
      const chosen = this.#steps[best];
      if (chosen === undefined) return;
      if (step.time < chosen.time || (step.time === chosen.time && step.order < chosen.order)) best = index;
    });
    return this.#steps.splice(best, 1)[0];
  }
}

interface DeliveryKeys {
  readonly delivery_id: string;
  readonly subscription_id: string;
  readonly event_id: string;
  readonly event_type: string;
  readonly trace_id: string;
  readonly service: string;
  readonly handler: string;
}
