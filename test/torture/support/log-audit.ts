/** Reads what a run left in its log: whole lines, numbers without holes, what was accepted and how it ended. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { type LogRecord, parseLine, type RecordOf } from '../../../src/record/index.js';

const NEWLINE = 0x0a;
/** How our records begin. */
const RECORD_START = '{"level":';

/** The records of one start of a program. */
export class SessionAudit {
  records = 0;
  firstSeq = 0;
  lastSeq = 0;
  /** `after`: the number before the hole. One that a `log_gap` right behind it tells of is none. */
  readonly holes: { readonly after: number; readonly missing: number }[] = [];
  /** Records whose number is not above the one before. */
  repeated = 0;
  /** What the `log_gap`s tell. */
  lost = 0;
  events = 0;
  deliveries = 0;
  stopped: RecordOf<'session_stopped'> | undefined;
  /** Records behind `session_stopped`. */
  afterStop = 0;
  readonly #open = new Map<string, number>();

  /** Events whose deliveries are not all told to have ended. */
  get unsettled(): string[] {
    return [...this.#open].filter(([, left]) => left !== 0).map(([id, left]) => `${id}: ${left} of its deliveries`);
  }

  add(record: LogRecord): void {
    this.#number(record);
    this.records++;
    if (this.stopped !== undefined) this.afterStop++;
    switch (record.event) {
      case 'event_published':
        this.events++;
        this.deliveries += record.subscriber_count;
        this.#open.set(record.event_id, (this.#open.get(record.event_id) ?? 0) + record.subscriber_count);
        break;
      case 'event_handler_error':
        if (!record.will_retry) this.#ended(record.event_id);
        break;
      case 'event_handler_complete':
      case 'event_delivery_dropped':
      case 'event_delivery_abandoned':
        this.#ended(record.event_id);
        break;
      case 'session_stopped':
        this.stopped = record;
        break;
      default:
    }
  }

  #number(record: LogRecord): void {
    const { seq } = record;
    if (this.records === 0) this.firstSeq = seq;
    else if (seq <= this.lastSeq) this.repeated++;
    else if (seq > this.lastSeq + 1) this.#hole(record);
    this.lastSeq = Math.max(this.lastSeq, seq);
    if (record.event === 'log_gap') this.lost += record.lost;
  }

  #hole(record: LogRecord): void {
    const missing = record.seq - this.lastSeq - 1;
    if (record.event === 'log_gap' && record.lost === missing) return;
    this.holes.push({ after: this.lastSeq, missing });
  }

  #ended(event: string): void {
    this.#open.set(event, (this.#open.get(event) ?? 0) - 1);
  }
}

/** One log, or the parts of a rotated one, oldest first. */
export class LogAudit {
  readonly sessions = new Map<string, SessionAudit>();
  /** How often each event's `event_published` is there, by event id. */
  readonly published = new Map<string, number>();
  /** The same by trace id. */
  readonly traces = new Map<string, number>();
  /** Lines with their line break that are no record. */
  readonly broken: string[] = [];
  /** Of those, the ones that end with a whole record: a killed writer's last bytes, and another's line behind them. */
  readonly mended: string[] = [];
  /** Of each file whose last line has no line break, that line. */
  readonly torn: string[] = [];
  records = 0;

  constructor(...files: readonly string[]) {
    for (const file of files) this.read(file);
  }

  /** Adds one more file; `.gz` is unpacked. */
  read(file: string): void {
    const bytes = file.endsWith('.gz') ? gunzipSync(readFileSync(file)) : readFileSync(file);
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, from)) {
      this.#line(bytes.toString('utf8', from, end));
      from = end + 1;
    }
    if (from < bytes.length) this.torn.push(bytes.toString('utf8', from));
  }

  /** What of `events` (ids) is not there. */
  missing(events: Iterable<string>): string[] {
    return [...events].filter((id) => !this.published.has(id));
  }

  /** Events that are told of more than once. */
  get repeatedEvents(): string[] {
    return [...this.published].filter(([, times]) => times > 1).map(([id]) => id);
  }

  #line(text: string): void {
    const record = recordIn(text) ?? this.#damaged(text);
    if (record === undefined) return;
    this.records++;
    let session = this.sessions.get(record.session);
    if (session === undefined) {
      session = new SessionAudit();
      this.sessions.set(record.session, session);
    }
    session.add(record);
    if (record.event !== 'event_published') return;
    this.published.set(record.event_id, (this.published.get(record.event_id) ?? 0) + 1);
    this.traces.set(record.trace_id, (this.traces.get(record.trace_id) ?? 0) + 1);
  }

  /** As `trace` reads it: what stands behind the torn part counts. */
  #damaged(text: string): LogRecord | undefined {
    this.broken.push(text);
    const record = recordIn(text.slice(text.lastIndexOf(RECORD_START)));
    if (record !== undefined) this.mended.push(text);
    return record;
  }
}

function recordIn(text: string): LogRecord | undefined {
  const parsed = parseLine(text);
  return parsed.kind === 'record' ? parsed.record : undefined;
}

/** What is wrong with the lines and numbers of a log that nobody lost anything of. */
export function flaws(audit: LogAudit): string[] {
  const found: string[] = [];
  if (audit.torn.length > 0) found.push(`the last line is torn: ${excerpt(audit.torn[0])}`);
  if (audit.broken.length > 0)
    found.push(`${audit.broken.length} lines are no record, the first: ${excerpt(audit.broken[0])}`);
  const repeated = audit.repeatedEvents;
  if (repeated.length > 0) found.push(`${repeated.length} events are logged twice, the first: ${repeated[0]}`);
  for (const [id, session] of audit.sessions) {
    if (session.firstSeq !== 1) found.push(`session ${id} begins with seq ${session.firstSeq}`);
    if (session.repeated > 0) found.push(`session ${id}: ${session.repeated} records out of order`);
    const [hole] = session.holes;
    if (hole !== undefined) found.push(`session ${id}: ${hole.missing} records missing after seq ${hole.after}`);
  }
  return found;
}

/** What is wrong with a session that has ended in good order. */
export function unfinished(session: SessionAudit): string[] {
  const { stopped, unsettled } = session;
  if (stopped === undefined) return ['there is no session_stopped'];
  const found: string[] = [];
  if (session.afterStop > 0) found.push(`${session.afterStop} records behind session_stopped`);
  if (stopped.events !== session.events) found.push(`${stopped.events} events in the totals, ${session.events} logged`);
  if (stopped.deliveries !== session.deliveries)
    found.push(`${stopped.deliveries} deliveries in the totals, ${session.deliveries} logged`);
  if (unsettled.length > 0) found.push(`${unsettled.length} events not settled, the first: ${unsettled[0]}`);
  return found;
}

const EXCERPT = 120;

export function excerpt(text: string | undefined): string {
  return text === undefined ? '' : JSON.stringify(text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text);
}
