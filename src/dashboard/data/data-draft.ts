/** Data while a batch is folded: what is kept of each record, and what is counted of all. */
import type { LineScanner, LogRecord } from '../../record/index.js';
import { applyControl } from './control-words.js';
import { type ControlState, type Data, LIMITS, type Life, type Seen, type TypeStats } from './data.js';
import { Routes } from './routes.js';
import { SeriesDraft } from './series.js';
import { SubscribersDraft } from './subscriber-draft.js';
import { isTraceRecord, TracesDraft } from './trace-draft.js';

type Draft<T> = { -readonly [K in keyof T]: T[K] };
type TypeDraft = Omit<Draft<TypeStats>, 'series'> & { series: SeriesDraft };
type Published = NonNullable<TypeStats['last']>;

export class DataDraft {
  readonly traces: TracesDraft;
  readonly #before: Data;
  readonly #seen: Seen[] = [];
  readonly #problems: Seen[] = [];
  readonly #types = new Map<string, TypeDraft>();
  readonly #subscribers: SubscribersDraft;
  readonly #published: SeriesDraft;
  readonly #failures: SeriesDraft;
  readonly #firstSession: string;
  #routes: Routes | undefined;
  #controls: ControlState;
  #life: Life;
  #session: Data['session'];
  #events: number;
  #errors: number;
  #lost = 0;
  #n: number;
  #unread: number;
  #seq: number;
  #time: number;
  #began: number;
  #timestamp = '';

  /**
   * @param session that of the first record.
   * @param newTraces that may be followed; more are counted and left out.
   */
  constructor(before: Data, session: string, newTraces: number) {
    this.#before = before;
    this.#firstSession = before.firstSession ?? session;
    this.#n = before.total;
    this.#unread = before.unread;
    this.#seq = before.seq;
    this.#subscribers = new SubscribersDraft(before.subscribers);
    this.traces = new TracesDraft(before.traces, this.#firstSession, newTraces);
    this.#published = new SeriesDraft(before.published);
    this.#failures = new SeriesDraft(before.failures);
    this.#controls = before.controls;
    this.#life = before.life;
    this.#session = before.session;
    this.#events = before.events;
    this.#errors = before.errors;
    this.#time = before.time;
    this.#began = before.began;
  }

  /** Records seen so far, this batch included. */
  get total(): number {
    return this.#n;
  }

  add(record: LogRecord): void {
    const time = this.#timeOf(record.timestamp);
    const seen = { n: ++this.#n, time, record };
    this.#seen.push(seen);
    if (record.level === 'error' || record.level === 'warn') this.#problems.push(seen);
    if (isTraceRecord(record)) this.traces.add(record, seen);
    this.#count(record, time);
    this.#seq = record.seq;
  }

  /** Counts a record without keeping it. */
  addCounted(line: LineScanner): void {
    const time = this.#timeIs(line.time);
    this.#timestamp = '';
    this.#n++;
    this.#unread++;
    this.#seq = line.seq;
    switch (line.event) {
      case 'event_published':
        return this.#publishedOne(line.event_type, time);
      case 'event_no_subscribers':
        return this.#unheard(line.event_type);
      default:
        this.#subscribers.counted(line, line.event, time);
        if (line.event === 'event_handler_error') this.#failed(line.event_type, time);
    }
  }

  finish(dropped: number): Data {
    const before = this.#before;
    const subscribers = this.#subscribers.finish();
    return {
      total: this.#n,
      unread: this.#unread,
      seq: this.#seq,
      leftOut: before.leftOut + dropped + this.#lost,
      records: append(before.records, this.#seen, LIMITS.records),
      problems: append(before.problems, this.#problems, LIMITS.problems),
      types: this.#finishTypes(),
      subscribers,
      routes: this.#subscribers.patternsChanged ? routesOf(subscribers) : before.routes,
      traces: this.traces.finish(),
      published: this.#published,
      failures: this.#failures,
      events: this.#events,
      errors: this.#errors,
      controls: this.#controls,
      life: this.#life,
      session: this.#session,
      firstSession: this.#firstSession,
      began: this.#began,
      time: this.#time,
    };
  }

  #count(record: LogRecord, time: number): void {
    switch (record.event) {
      case 'session_started':
        this.#session = record;
        this.#life = { kind: 'running' };
        return;
      case 'session_stopped':
        this.#life = { kind: 'stopped', reason: record.reason, time };
        return;
      case 'control_changed':
        this.#controls = applyControl(this.#controls, record);
        return;
      case 'log_gap':
        // The file lost them; they may have come here all the same.
        this.#lost += Math.max(0, Math.min(record.lost, record.seq - this.#seq - 1));
        return;
      case 'event_subscription':
      case 'event_unsubscription':
        this.#subscribers.subscribed(record, time);
        this.#routes = undefined;
        return;
      case 'event_published':
        return this.#publishedOne(record.event_type, time, record);
      case 'event_no_subscribers':
        return this.#unheard(record.event_type);
      default:
        this.#subscribers.delivery(record, time);
        if (record.event === 'event_handler_error') this.#failed(record.event_type, time);
    }
  }

  #publishedOne(eventType: string, time: number, record?: Published): void {
    const second = Math.floor(time / 1_000);
    this.#events++;
    this.#published.add(second);
    const type = this.#type(eventType);
    if (type !== undefined) {
      type.count++;
      type.last = record ?? type.last;
      type.series.add(second);
    }
    for (const target of this.#routesNow().of(eventType)) this.#subscribers.expect(target);
  }

  #unheard(eventType: string): void {
    const type = this.#type(eventType);
    if (type !== undefined) type.unheard++;
  }

  #failed(eventType: string, time: number): void {
    this.#errors++;
    this.#failures.add(Math.floor(time / 1_000));
    const type = this.#type(eventType);
    if (type !== undefined) type.errors++;
  }

  /** After a change in this batch the routes are worked out anew, from what the batch has told so far. */
  #routesNow(): Routes {
    this.#routes ??= this.#subscribers.patternsChanged ? routesOf(this.#subscribers.finish()) : this.#before.routes;
    return this.#routes;
  }

  #type(name: string): TypeDraft | undefined {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const before = this.#before.types.get(name);
    if (before === undefined && this.#before.types.size + this.#types.size >= LIMITS.types) return undefined;
    const series = new SeriesDraft(before?.series ?? { slots: new Uint32Array(60), head: -1 });
    const draft =
      before === undefined
        ? { type: name, count: 0, errors: 0, unheard: 0, series, last: undefined }
        : { ...before, series };
    this.#types.set(name, draft);
    return draft;
  }

  #finishTypes(): Data['types'] {
    if (this.#types.size === 0) return this.#before.types;
    const types = new Map<string, TypeStats>(this.#before.types);
    for (const [name, type] of this.#types) types.set(name, type);
    return types;
  }

  /** Many records share a timestamp; one that is none counts as of the record before it. */
  #timeOf(timestamp: string): number {
    if (timestamp === this.#timestamp) return this.#time;
    this.#timestamp = timestamp;
    return this.#timeIs(Date.parse(timestamp));
  }

  #timeIs(time: number): number {
    if (Number.isNaN(time)) return this.#time;
    if (this.#began === 0) this.#began = time;
    this.#time = time;
    return time;
  }
}

function routesOf(subscribers: Data['subscribers']): Routes {
  return new Routes(new Map([...subscribers].map(([target, { patterns }]) => [target, [...patterns.values()]])));
}

/** The newest `limit` of both; the same array where nothing was added. */
function append<T>(before: readonly T[], added: readonly T[], limit: number): readonly T[] {
  if (added.length === 0) return before;
  if (added.length >= limit) return added.slice(-limit);
  return [...before.slice(-(limit - added.length)), ...added];
}
