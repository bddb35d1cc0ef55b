/**
 * Chrome trace events, for ui.perfetto.dev and chrome://tracing: a process for each service, and in it as many tracks as
 * handlers ran at once, so that slices of one track are one within the other or apart. Arrows lead from publish to handler.
 */
import { safeJson } from '../../kernel/index.js';
import { roundMs } from '../analysis.js';
import type { DeliveryNode, EventNode } from '../forest.js';
import { type Interval, runningTime } from '../self-time.js';
import { type ExportSource, handlerName } from './exporter.js';

type Json = Readonly<Record<string, unknown>>;

/** Each trace's times begin at 0: the formats' viewers show time from there. Units are microseconds. */
export function toPerfetto(sources: readonly ExportSource[]): string {
  const events: Json[] = [];
  const processes = new Processes(events);
  for (const source of sources) new Writer(source, processes, events).write();
  const [first] = sources;
  const otherData = first === undefined ? {} : { trace_id: first.trace.traceId, session: first.trace.session };
  return `${safeJson({ displayTimeUnit: 'ms', otherData, traceEvents: events }, 1)}\n`;
}

/** Where events stand that no handler of this trace published. */
const OUTSIDE = 'published by';

class Processes {
  readonly #pids = new Map<string, number>();
  readonly #events: Json[];

  constructor(events: Json[]) {
    this.#events = events;
  }

  pid(name: string): number {
    const known = this.#pids.get(name);
    if (known !== undefined) return known;
    const pid = this.#pids.size + 1;
    this.#pids.set(name, pid);
    this.#events.push({ ph: 'M', name: 'process_name', pid, args: { name } });
    this.#events.push({ ph: 'M', name: 'process_sort_index', pid, args: { sort_index: pid } });
    return pid;
  }
}

interface Slice extends Interval {
  readonly delivery: DeliveryNode;
  readonly pid: number;
  readonly tid: number;
}

class Writer {
  readonly #source: ExportSource;
  readonly #processes: Processes;
  readonly #events: Json[];
  readonly #tracks = new Map<number, number[]>();
  readonly #slices = new Map<string, Slice>();
  #flow = 0;

  constructor(source: ExportSource, processes: Processes, events: Json[]) {
    this.#source = source;
    this.#processes = processes;
    this.#events = events;
  }

  write(): void {
    const { trace, analysis } = this.#source;
    const end = Math.max(analysis.endTime, analysis.startTime + analysis.durationMs);
    const spans = trace.deliveries.flatMap((delivery) => {
      const time = runningTime(delivery, end);
      return time === undefined ? [] : [{ delivery, ...time }];
    });
    // Names before slices: processes are numbered in the order of the story.
    for (const event of trace.events) if (event.cause.kind !== 'delivery') this.#pidOf(event);
    for (const span of spans.toSorted((a, b) => a.from - b.from || a.delivery.seq - b.delivery.seq)) this.#place(span);
    for (const slice of this.#slices.values()) this.#slice(slice);
    for (const event of trace.events) this.#published(event);
  }

  #pidOf({ source }: EventNode): number {
    return this.#processes.pid(source === undefined ? OUTSIDE : `${OUTSIDE} ${source}`);
  }

  /** The first track that is free when it begins. */
  #place({ delivery, from, to }: Interval & { readonly delivery: DeliveryNode }): void {
    const pid = this.#processes.pid(delivery.service === '' ? '(no service)' : delivery.service);
    const tracks = this.#tracks.get(pid) ?? [];
    this.#tracks.set(pid, tracks);
    const free = tracks.findIndex((over) => over <= from);
    const tid = free === -1 ? tracks.length : free;
    tracks[tid] = to;
    this.#slices.set(delivery.id, { delivery, pid, tid, from, to });
  }

  #slice({ delivery, pid, tid, from, to }: Slice): void {
    const { state, attempts } = delivery;
    const own = { pid, tid, cat: 'delivery' };
    const failed = 'error' in state ? state.error : undefined;
    const args = {
      event_type: delivery.eventType,
      event_id: delivery.eventId,
      delivery_id: delivery.id,
      state: state.kind,
      queued_ms: delivery.queuedMs,
      self_ms: roundMs(this.#source.selfMs.get(delivery.id) ?? 0),
      attempts: attempts.length,
      ...('reason' in state ? { reason: state.reason } : {}),
      ...(failed === undefined ? {} : { error_name: failed.name, error: failed.message }),
      ...(delivery.inferred === undefined ? {} : { inferred: delivery.inferred }),
    };
    const cname = failed === undefined ? {} : { cname: 'terrible' };
    this.#push({ ph: 'X', name: handlerName(delivery), ...own, ...this.#span(from, to), ...cname, args });
    if (attempts.length < 2) return;
    for (const [index, { number, startTime, end }] of attempts.entries()) {
      // Durations are finer than the timestamps that the next attempt begins by.
      const next = attempts[index + 1]?.startTime ?? to;
      const ended = Math.min(next, 'durationMs' in end ? startTime + end.durationMs : startTime);
      const error = end.kind === 'failed' ? { error_name: end.error.name, error: end.error.message } : {};
      const bounded = this.#span(Math.max(startTime, from), Math.min(Math.max(ended, from), to));
      this.#push({ ph: 'X', name: `attempt ${number}`, ...own, ...bounded, args: { outcome: end.kind, ...error } });
    }
  }

  #published(event: EventNode): void {
    const { cause } = event;
    const publisher = cause.kind === 'delivery' ? this.#slices.get(cause.deliveryId) : undefined;
    const { pid, tid } = publisher ?? { pid: this.#pidOf(event), tid: 0 };
    const ts = this.#at(event.time);
    const args = { event_id: event.id, cause: cause.kind, payload_keys: event.published?.payloadKeys ?? [] };
    this.#push({ ph: 'i', s: 't', name: event.type, cat: 'event', pid, tid, ts, args });
    for (const { id } of event.deliveries) {
      const slice = this.#slices.get(id);
      if (slice === undefined) continue;
      const flow = { cat: 'publish', name: event.type, id: ++this.#flow };
      this.#push({ ph: 's', ...flow, pid, tid, ts });
      this.#push({ ph: 'f', bp: 'e', ...flow, pid: slice.pid, tid: slice.tid, ts: this.#at(slice.from) });
    }
  }

  #push(event: Json): void {
    this.#events.push(event);
  }

  #span(from: number, to: number): { readonly ts: number; readonly dur: number } {
    const ts = this.#at(from);
    return { ts, dur: Math.max(0, this.#at(to) - ts) };
  }

  #at(time: number): number {
    return Math.round((time - this.#source.analysis.startTime) * 1_000);
  }
}
