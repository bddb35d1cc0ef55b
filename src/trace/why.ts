/** Why an event reached a subscriber, or did not: one answer for each subscriber of its session. */
import { CfBusError } from '../kernel/index.js';
import type { LogRecord, RecordOf } from '../record/index.js';
import { buildTrace } from './build.js';
import type { ReadReport } from './find-result.js';
import type { EventNode, LogGap } from './forest.js';
import { isAt } from './listing/record-fields.js';
import type { Piece, RecordScanner } from './listing/record-scanner.js';
import type { LogInput } from './read/input.js';
import { readWanted } from './read/records.js';
import { type GapRecord, isTraceRecord, type TraceRecord } from './trace-records.js';
import {
  type Audience,
  judge,
  type Matches,
  type NearestPattern,
  nearestTo,
  type Subscriber,
  type WhySubscriber,
} from './why-verdict.js';

export interface WhyOptions {
  /** Only of this session. Default: the newest that has the event. */
  readonly session?: string | undefined;
  /** The bus's own test of topic patterns; never throws for a pattern that is none. */
  readonly matches: Matches;
  /** Called with the bytes that are read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface WhyReport {
  readonly event: EventNode;
  readonly traceId: string;
  readonly session: string;
  /** Those it should have reached first, then the others, each in the order they subscribed. */
  readonly subscribers: readonly WhySubscriber[];
  /** Where no pattern matches: the one that comes nearest, and whose it is. */
  readonly nearest: NearestPattern | undefined;
  /** Where records were lost that may tell more of it. */
  readonly gaps: readonly LogGap[];
  /** Older sessions with an event of this id, newest first. */
  readonly otherSessions: readonly string[];
}

export interface WhyResult {
  /** `undefined` where no record tells of the event. */
  readonly report: WhyReport | undefined;
  /** Trace ids that are what was asked for: it is no event's id. */
  readonly isTraceId: boolean;
  readonly read: ReadReport;
}

/**
 * Reads `inputs` once.
 * @throws CfBusError `USAGE` for an empty id; `FILE_UNREADABLE` naming the file.
 */
export async function explainEvent(
  inputs: readonly LogInput[],
  eventId: string,
  options: WhyOptions,
): Promise<WhyResult> {
  if (eventId === '') throw new CfBusError('USAGE', 'an event id is not empty');
  const sessions = new Map<string, SessionFacts>();
  const id = Buffer.from(eventId);
  const logged = new LoggedSession();
  let isTraceId = false;
  const isWanted = (line: Buffer, { kind, eventId, traceId, session }: RecordScanner) => {
    if (isAt(id, line, traceId.from, traceId.to)) isTraceId = true;
    if (isAt(id, line, eventId.from, eventId.to)) return true;
    return (kind === 'event_handler_start' || kind === 'event_handler_complete') && logged.isNew(line, session);
  };
  const onRecord = (record: LogRecord) => {
    if (options.session !== undefined && record.session !== options.session) return;
    let facts = sessions.get(record.session);
    if (facts === undefined) {
      facts = new SessionFacts();
      sessions.set(record.session, facts);
    }
    facts.take(record, eventId);
    if (record.trace_id === eventId) isTraceId = true;
  };
  const read = await readWanted(inputs, isWanted, onRecord, { onProgress: options.onProgress });
  const found = [...sessions].filter(([, { own }]) => own.length > 0);
  // Records of later sessions come later in the log; of several logs the timestamp decides.
  found.sort(([, a], [, b]) => compareText(b.own[0]?.timestamp ?? '', a.own[0]?.timestamp ?? ''));
  const [newest, ...others] = found;
  if (newest === undefined) return { report: undefined, isTraceId, read };
  const [session, facts] = newest;
  const otherSessions = others.map(([name]) => name);
  return { report: reportOf(session, facts, eventId, options.matches, otherSessions), isTraceId, read };
}

/** One record of each session is enough to tell that deliveries which go well are logged. */
class LoggedSession {
  #name = Buffer.alloc(0);

  isNew(line: Buffer, { from, to }: Piece): boolean {
    if (isAt(this.#name, line, from, to)) return false;
    this.#name = Buffer.from(line.subarray(from, to));
    return true;
  }
}

/** What one session's records tell that may matter. */
class SessionFacts implements Audience {
  readonly subscribers = new Map<string, Subscriber>();
  /** The event's own records, and those of its deliveries. */
  readonly own: TraceRecord[] = [];
  readonly gaps: GapRecord[] = [];
  paused = false;
  /** True once a record was seen that only a log from level `debug` up has. */
  deliveriesLogged = false;

  take(record: LogRecord, eventId: string): void {
    switch (record.event) {
      case 'event_subscription':
        return this.#subscribed(record);
      case 'event_unsubscription':
        return this.#unsubscribed(record);
      case 'control_changed':
        if (/^resume/i.test(record.action)) this.paused = false;
        else if (/^pause/i.test(record.action)) this.paused = true;
        return;
      case 'log_gap':
        this.gaps.push(record);
        return;
      case 'event_handler_start':
      case 'event_handler_complete':
        this.deliveriesLogged = true;
        break;
      default:
        break;
    }
    if (isTraceRecord(record) && record.event_id === eventId) this.own.push(record);
  }

  #subscribed({ subscription_id, service, handler, event_type, seq, timestamp }: RecordOf<'event_subscription'>): void {
    let subscriber = this.subscribers.get(subscription_id);
    if (subscriber === undefined) {
      subscriber = { service, handler, patterns: [] };
      this.subscribers.set(subscription_id, subscriber);
    }
    subscriber.patterns.push({ pattern: event_type, seq, time: Date.parse(timestamp), until: undefined });
  }

  #unsubscribed({ subscription_id, event_type, seq, timestamp }: RecordOf<'event_unsubscription'>): void {
    const patterns = this.subscribers.get(subscription_id)?.patterns;
    const last = patterns?.findLast(({ pattern, until }) => pattern === event_type && until === undefined);
    if (last !== undefined) last.until = { seq, time: Date.parse(timestamp) };
  }
}

function reportOf(
  session: string,
  facts: SessionFacts,
  eventId: string,
  matches: Matches,
  otherSessions: readonly string[],
): WhyReport | undefined {
  const traceId = facts.own[0]?.trace_id ?? '';
  const trace = buildTrace([...facts.own, ...facts.gaps], { traceId, session });
  const event = trace.events.find(({ id }) => id === eventId);
  if (event === undefined) return undefined;
  const subscribers = judge(event, facts, matches);
  const reached = subscribers.some(({ verdict }) => verdict.kind !== 'no_match');
  return {
    event,
    traceId,
    session,
    subscribers,
    nearest: reached ? undefined : nearestTo(event.type, facts),
    gaps: trace.gaps,
    otherSessions,
  };
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
