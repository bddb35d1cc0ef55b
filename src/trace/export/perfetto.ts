/**
 * Chrome trace events, for ui.perfetto.dev and chrome://tracing: a process for each service, and in it as many tracks as
 * handlers ran at once, so that slices of one track are one within the other or apart. Arrows lead from publish to handler.
 */
import { safeJson } from '../../kernel/index.js';
import { roundMs } from '../analysis.js';
import type { DeliveryNode, EventNode } from '../forest.js';
import { runningTime } from '../self-time.js';
import { type ExportSource, handlerName } from './exporter.js';

type Json = Readonly<Record<string, unknown>>;

/** Each trace's times begin at 0: the formats' viewers show time from there. Units are microseconds. */
export function toPerfetto(sources: readonly ExportSource[]): string {
  const events: Json[] = [];
  const tracks = new Tracks(events);
  for (const source of sources) new Writer(source, tracks, events).write();
  const [first] = sources;
  const otherData = first === undefined ? {} : { trace_id: first.trace.traceId, session: first.trace.session };
  return `${safeJson({ displayTimeUnit: 'ms', otherData, traceEvents: events }, 1)}\n`;
}

/** Where a slice stands. */
interface Track {
  readonly pid: number;
  readonly tid: number;
}

/** Processes and their threads, each named when it is first asked for. Ids are from 1: viewers keep 0 for themselves. */
class Tracks {
  readonly #pids = new Map<string, number>();
  readonly #tids = new Map<string, number>();
  readonly #events: Json[];

  constructor(events: Json[]) {
    this.#events = events;
  }

  pid(process: string): number {
    return this.#pids.get(process) ?? this.#name('process', this.#pids, process, process, {});
  }

  get(process: string, thread: string): Track {
    const pid = this.pid(process);
    const key = `${pid} ${thread}`;
    return { pid, tid: this.#tids.get(key) ?? this.#name('thread', this.#tids, key, thread, { pid }) };
  }

  #name(kind: string, ids: Map<string, number>, key: string, name: string, of: { readonly pid?: number }): number {
    const id = ids.size + 1;
    ids.set(key, id);
    const where = kind === 'process' ? { pid: id } : { ...of, tid: id };
    this.#events.push({ ph: 'M', name: `${kind}_name`, ...where, args: { name } });
    this.#events.push({ ph: 'M', name: `${kind}_sort_index`, ...where, args: { sort_index: id } });
    return id;
  }
}

/** In whole microseconds; `to` is later than `from`, since arrows begin and end at slices that last. */
interface Slice extends Track {
  readonly delivery: DeliveryNode;
  readonly from: number;
  readonly to: number;
}

class Writer {
  readonly #source: ExportSource;
  readonly #tracks: Tracks;
  readonly #events: Json[];
  /** By service, until when each of its tracks is taken. */
  readonly #taken = new Map<string, number[]>();
  readonly #slices = new Map<string, Slice>();
  #flow = 0;

  constructor(source: ExportSource, tracks: Tracks, events: Json[]) {
    this.#source = source;
    this.#tracks = tracks;
    this.#events = events;
  }

  write(): void {
    const { trace, analysis } = this.#source;
    const end = Math.max(analysis.endTime, analysis.startTime + analysis.durationMs);
    const spans = trace.deliveries.flatMap((delivery) => {
      const time = runningTime(delivery, end);
      return time === undefined ? [] : [{ delivery, from: this.#at(time.from), to: this.#at(time.to) }];
    });
    // Names before slices: processes are numbered in the order of the story.
    for (const event of trace.events) if (event.cause.kind !== 'delivery') this.#tracks.pid(outside(event));
    for (const span of spans.toSorted((a, b) => a.from - b.from || a.delivery.seq - b.delivery.seq)) this.#place(span);
    for (const slice of this.#slices.values()) this.#slice(slice);
    for (const event of trace.events) this.#published(event);
  }

  /** The first track that is free when it begins. */
  #place({ delivery, from, to }: Pick<Slice, 'delivery' | 'from' | 'to'>): void {
    const service = delivery.service === '' ? '(no service)' : delivery.service;
    const taken = this.#taken.get(service) ?? [];
    this.#taken.set(service, taken);
    const free = taken.findIndex((until) => until <= from);
    const number = free === -1 ? taken.length : free;
    const end = Math.max(to, from + 1);
    taken[number] = end;
    const track = this.#tracks.get(service, number === 0 ? 'handlers' : `handlers ${number + 1}`);
    this.#slices.set(delivery.id, { delivery, ...track, from, to: end });
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
    this.#events.push({ ph: 'X', name: handlerName(delivery), ...own, ts: from, dur: to - from, ...cname, args });
    if (attempts.length < 2) return;
    for (const [index, { number, startTime, end }] of attempts.entries()) {
      // Durations are finer than the timestamps that the next attempt begins by.
      const next = attempts[index + 1]?.startTime ?? Number.POSITIVE_INFINITY;
      const ended = Math.min(next, 'durationMs' in end ? startTime + end.durationMs : startTime);
      const ts = clamp(this.#at(startTime), from, to);
      const dur = clamp(this.#at(ended), ts, to) - ts;
      const error = end.kind === 'failed' ? { error_name: end.error.name, error: end.error.message } : {};
      this.#events.push({ ph: 'X', name: `attempt ${number}`, ...own, ts, dur, args: { outcome: end.kind, ...error } });
    }
  }

  /** An instant where a handler published it; where none did, or only later, a slice of its own. */
  #published(event: EventNode): void {
    const { cause } = event;
    const publisher = cause.kind === 'delivery' ? this.#slices.get(cause.deliveryId) : undefined;
    const ts = this.#at(event.time);
    const args = { event_id: event.id, cause: cause.kind, payload_keys: event.published?.payloadKeys ?? [] };
    const about = { name: event.type, cat: 'event', ts };
    const isWithin = publisher !== undefined && ts >= publisher.from && ts < publisher.to;
    const { pid, tid } = isWithin ? publisher : this.#outsideTrack(event, publisher);
    if (isWithin) this.#events.push({ ph: 'i', s: 't', ...about, pid, tid, args });
    else this.#events.push({ ph: 'X', ...about, dur: 1, pid, tid, args });
    for (const { id } of event.deliveries) {
      const slice = this.#slices.get(id);
      if (slice === undefined) continue;
      const flow = { cat: 'publish', name: event.type, id: ++this.#flow };
      this.#events.push({ ph: 's', ...flow, pid, tid, ts });
      this.#events.push({ ph: 'f', bp: 'e', ...flow, pid: slice.pid, tid: slice.tid, ts: slice.from });
    }
  }

  #outsideTrack(event: EventNode, publisher: Slice | undefined): Track {
    if (publisher === undefined) return this.#tracks.get(outside(event), 'events');
    const { service } = publisher.delivery;
    return this.#tracks.get(service === '' ? '(no service)' : service, 'published later');
  }

  #at(time: number): number {
    return Math.round((time - this.#source.analysis.startTime) * 1_000);
  }
}

/** The process of events that no handler of this trace published. */
function outside({ source }: EventNode): string {
  return source === undefined ? 'published by' : `published by ${source}`;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
