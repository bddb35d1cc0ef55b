/**
 * OTLP/JSON, as an OpenTelemetry collector takes it: a producer span for each event, a consumer span for each delivery,
 * an internal span for each attempt where there are several. Ids are hashed to the sizes that OTLP demands; the originals
 * are attributes.
 */
import { createHash } from 'node:crypto';
import { safeJson, VERSION } from '../../kernel/index.js';
import type { Attempt, DeliveryNode, EventNode } from '../forest.js';
import { runningTime } from '../self-time.js';
import { type ExportSource, handlerName } from './exporter.js';

/** Numbers of the protocol's enums. */
const KIND = { internal: 1, producer: 4, consumer: 5 } as const;
const STATUS = { unset: 0, ok: 1, error: 2 } as const;

interface AnyValue {
  readonly stringValue?: string;
  readonly intValue?: string;
  readonly doubleValue?: number;
  readonly arrayValue?: { readonly values: readonly AnyValue[] };
}

interface KeyValue {
  readonly key: string;
  readonly value: AnyValue;
}

interface SpanEvent {
  readonly timeUnixNano: string;
  readonly name: string;
  readonly attributes: readonly KeyValue[];
}

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly KeyValue[];
  readonly events: readonly SpanEvent[];
  readonly status: { readonly code: number; readonly message?: string };
}

/** An `ExportTraceServiceRequest`. */
export function toOtlp(sources: readonly ExportSource[]): string {
  const resources = new Map<string, Span[]>();
  for (const source of sources) new Writer(source, resources).write();
  const scope = { name: 'cf-bus', version: VERSION };
  const resourceSpans = Array.from(resources, ([service, spans]) => ({
    resource: { attributes: attributes({ 'service.name': service }) },
    scopeSpans: [{ scope, spans }],
  }));
  return `${safeJson({ resourceSpans }, 1)}\n`;
}

/** 32 hex digits stay as they are: such an id is OpenTelemetry's own already. */
export function otlpTraceId(traceId: string, session: string): string {
  const own = traceId.toLowerCase();
  if (/^[0-9a-f]{32}$/.test(own) && !/^0+$/.test(own)) return own;
  return digest(`${session} ${traceId}`, 16);
}

function digest(text: string, bytes: number): string {
  return createHash('sha256')
    .update(text)
    .digest('hex')
    .slice(0, bytes * 2);
}

class Writer {
  readonly #source: ExportSource;
  readonly #resources: Map<string, Span[]>;
  readonly #traceId: string;
  readonly #end: number;

  constructor(source: ExportSource, resources: Map<string, Span[]>) {
    const { trace, analysis } = source;
    this.#source = source;
    this.#resources = resources;
    this.#traceId = otlpTraceId(trace.traceId, trace.session);
    this.#end = Math.max(analysis.endTime, analysis.startTime + analysis.durationMs);
  }

  write(): void {
    for (const event of this.#source.trace.events) this.#add(event.source ?? 'unknown', this.#event(event));
    for (const delivery of this.#source.trace.deliveries) {
      const service = delivery.service === '' ? 'unknown' : delivery.service;
      this.#add(service, this.#delivery(delivery));
      if (delivery.attempts.length < 2) continue;
      for (const attempt of delivery.attempts) this.#add(service, this.#attempt(delivery, attempt));
    }
  }

  #add(service: string, span: Span): void {
    const known = this.#resources.get(service);
    if (known === undefined) this.#resources.set(service, [span]);
    else known.push(span);
  }

  #spanId(kind: string, id: string): string {
    return digest(`${this.#source.trace.session} ${kind} ${id}`, 8);
  }

  #event(event: EventNode): Span {
    const { cause, published } = event;
    const parent =
      cause.kind === 'delivery'
        ? { parentSpanId: this.#spanId('delivery', cause.deliveryId) }
        : cause.kind === 'event'
          ? { parentSpanId: this.#spanId('event', cause.eventId) }
          : {};
    return {
      traceId: this.#traceId,
      spanId: this.#spanId('event', event.id),
      ...parent,
      name: `publish ${event.type}`,
      kind: KIND.producer,
      ...this.#times(event.time, event.time),
      attributes: attributes({
        ...this.#common(event),
        'messaging.operation.type': 'send',
        'messaging.destination.name': event.type,
        'messaging.message.id': event.id,
        'cf_bus.cause': cause.kind,
        'cf_bus.subscriber_count': published?.subscriberCount,
        'cf_bus.payload_keys': published?.payloadKeys,
        ...(published?.payload === undefined ? {} : { 'cf_bus.payload': safeJson(published.payload) }),
      }),
      events: [],
      status: { code: STATUS.unset },
    };
  }

  #delivery(delivery: DeliveryNode): Span {
    const { state, attempts } = delivery;
    const published = this.#source.events.get(delivery.eventId)?.time ?? delivery.time;
    const time = runningTime(delivery, this.#end) ?? { from: published, to: 'time' in state ? state.time : published };
    const failures = attempts.length > 1 ? [] : attempts.flatMap((attempt) => exceptions(attempt));
    return {
      traceId: this.#traceId,
      spanId: this.#spanId('delivery', delivery.id),
      parentSpanId: this.#spanId('event', delivery.eventId),
      name: handlerName(delivery),
      kind: KIND.consumer,
      ...this.#times(time.from, time.to),
      attributes: attributes({
        ...this.#common(delivery),
        'messaging.operation.type': 'process',
        'messaging.destination.name': delivery.eventType,
        'messaging.message.id': delivery.eventId,
        'cf_bus.delivery_id': delivery.id,
        'cf_bus.subscription_id': delivery.subscriptionId,
        'code.function.name': delivery.handler,
        'cf_bus.state': state.kind,
        'cf_bus.reason': 'reason' in state ? state.reason : undefined,
        'cf_bus.attempts': attempts.length,
        'cf_bus.queued_ms': delivery.queuedMs,
        'cf_bus.duration_ms': delivery.durationMs,
      }),
      events: failures,
      status: statusOf(delivery),
    };
  }

  #attempt(delivery: DeliveryNode, attempt: Attempt): Span {
    const { number, startTime, end } = attempt;
    const to = 'durationMs' in end ? startTime + end.durationMs : end.kind === 'running' ? this.#end : startTime;
    return {
      traceId: this.#traceId,
      spanId: this.#spanId(`attempt ${number}`, delivery.id),
      parentSpanId: this.#spanId('delivery', delivery.id),
      name: `attempt ${number}`,
      kind: KIND.internal,
      ...this.#times(startTime, to),
      attributes: attributes({
        'cf_bus.attempt': number,
        'cf_bus.outcome': end.kind,
        'cf_bus.fault': 'fault' in end ? end.fault : undefined,
      }),
      events: exceptions(attempt),
      status: end.kind === 'failed' ? { code: STATUS.error, message: end.error.message } : { code: STATUS.unset },
    };
  }

  #common(node: EventNode | DeliveryNode): Attributes {
    const { traceId, session } = this.#source.trace;
    return {
      'messaging.system': 'cf-bus',
      'cf_bus.trace_id': traceId,
      'cf_bus.session': session,
      'cf_bus.inferred': node.inferred,
    };
  }

  #times(from: number, to: number): Pick<Span, 'startTimeUnixNano' | 'endTimeUnixNano'> {
    return { startTimeUnixNano: nanoseconds(from), endTimeUnixNano: nanoseconds(Math.max(from, to)) };
  }
}

function statusOf({ state }: DeliveryNode): Span['status'] {
  switch (state.kind) {
    case 'done':
      return { code: STATUS.ok };
    case 'failed':
      return { code: STATUS.error, message: state.error.message };
    case 'dead':
    case 'dropped':
    case 'abandoned':
      return { code: STATUS.error, message: `${state.kind}: ${state.reason}` };
    default:
      return { code: STATUS.unset };
  }
}

function exceptions({ end }: Attempt): SpanEvent[] {
  if (end.kind !== 'failed') return [];
  const about = { 'exception.type': end.error.name, 'exception.message': end.error.message };
  return [{ timeUnixNano: nanoseconds(end.time), name: 'exception', attributes: attributes(about) }];
}

type Attributes = Readonly<Record<string, string | number | readonly string[] | undefined>>;

function attributes(values: Attributes): KeyValue[] {
  return Object.entries(values).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: anyValue(value) }],
  );
}

function anyValue(value: string | number | readonly string[]): AnyValue {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value !== 'number') return { arrayValue: { values: value.map((text) => ({ stringValue: text })) } };
  return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

/** The largest number of 64 bits without a sign. */
const MAX_NANOSECONDS = 2n ** 64n - 1n;

function nanoseconds(ms: number): string {
  if (!(ms > 0) || !Number.isFinite(ms)) return '0';
  const whole = Math.floor(ms);
  const nanos = BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1_000_000));
  return String(nanos > MAX_NANOSECONDS ? MAX_NANOSECONDS : nanos);
}
