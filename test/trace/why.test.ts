import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EventBus, matcher } from '../../src/bus/index.js';
import { type LogRecord, openLog, type RecordFields } from '../../src/record/index.js';
import { explainEvent, renderWhy, type WhyReport, whyJson } from '../../src/trace/index.js';
import { toLines } from '../support/log-generator.js';
import { at, completed, ended, failed, published, record, started, T0 } from '../support/records.js';

const matches = (pattern: string, type: string) => matcher(pattern)(type);

function subscribed(id: string, pattern: string, ms = 0): LogRecord {
  const fields: RecordFields<'event_subscription'> = {
    ...{ event_type: pattern, subscription_id: id, service: 'svc', handler: `on_${id}`, total_subscribers: 1 },
  };
  return record('event_subscription', { ...fields, timestamp: at(ms) });
}

function unsubscribed(id: string, pattern: string, ms: number): LogRecord {
  const fields = {
    event_type: pattern,
    subscription_id: id,
    service: 'svc',
    handler: `on_${id}`,
    total_subscribers: 0,
  };
  return record('event_unsubscription', { ...fields, timestamp: at(ms) });
}

function of(id: string) {
  return { subscription_id: id, service: 'svc', handler: `on_${id}`, event_type: 'index.completed' };
}

async function explain(records: readonly LogRecord[], eventId = 'evt-1', session?: string) {
  const stream = (async function* () {
    yield toLines(records.map((each, index) => ({ ...each, seq: index + 1 })));
  })();
  return explainEvent([{ name: 'test', stream }], eventId, { matches, session });
}

async function reportOf(...records: readonly LogRecord[]): Promise<WhyReport> {
  const { report } = await explain(records);
  if (report === undefined) throw new Error('no report');
  return report;
}

const event = published('evt-1', { event_type: 'index.completed', subscriber_count: 8, timestamp: at(100) });

function everything(): LogRecord[] {
  const timeout = { error: 'on_hung timed out after 50 ms', error_name: 'TimeoutError', will_retry: true };
  return [
    subscribed('good', 'index.completed'),
    subscribed('retried', 'index.*'),
    subscribed('broken', 'index.completed'),
    subscribed('hung', '**'),
    subscribed('full', 'index.completed'),
    subscribed('faulted', 'index.completed'),
    subscribed('closing', 'index.completed'),
    subscribed('slow', 'index.completed'),
    subscribed('queued', 'index.completed'),
    subscribed('other', 'llm.response'),
    subscribed('gone', 'index.completed'),
    unsubscribed('gone', 'index.completed', 40),
    event,
    started('dlv-1', 'evt-1', of('good')),
    completed('dlv-1', 'evt-1', { ...of('good'), duration_ms: 12.4 }),
    failed('dlv-2', 'evt-1', { ...of('retried'), will_retry: true }),
    started('dlv-2', 'evt-1', { ...of('retried'), attempt: 2 }),
    completed('dlv-2', 'evt-1', { ...of('retried'), attempt: 2, duration_ms: 3, fault: 'slow' }),
    failed('dlv-3', 'evt-1', { ...of('broken'), error: 'cannot read x', error_name: 'TypeError' }),
    failed('dlv-4', 'evt-1', { ...of('hung'), ...timeout }),
    failed('dlv-4', 'evt-1', { ...of('hung'), ...timeout, will_retry: false, attempt: 2 }),
    ended('dead', 'dlv-4', 'evt-1', { ...of('hung'), attempt: 2, reason: timeout.error }),
    ended('dropped', 'dlv-5', 'evt-1', { ...of('full'), attempt: 0 }),
    ended('dropped', 'dlv-6', 'evt-1', { ...of('faulted'), attempt: 1, reason: 'fault', fault: 'drop' }),
    ended('abandoned', 'dlv-7', 'evt-1', { ...of('closing'), attempt: 0, reason: 'bus_closed' }),
    started('dlv-8', 'evt-1', of('slow')),
    record('control_changed', { action: 'pause', target: 'bus', by: 'dashboard' }),
    subscribed('late', 'index.completed', 1_300),
  ];
}

describe('why an event reached a subscriber, or did not', () => {
  test('has one answer for each subscriber of its session', async () => {
    const { subscribers } = await reportOf(...everything());
    const verdicts = subscribers.map(({ handler, verdict: { kind } }) => `${handler} ${kind}`);
    expect(verdicts).toEqual([
      ...['on_good delivered', 'on_retried delivered', 'on_broken failed', 'on_hung timed_out', 'on_full dropped'],
      ...['on_faulted dropped', 'on_closing abandoned', 'on_slow running', 'on_queued not_begun'],
      ...['on_gone unsubscribed', 'on_late too_late', 'on_other no_match'],
    ]);
  });

  test('is told in words and as JSON', async () => {
    const report = await reportOf(...everything());
    await expect(renderWhy(report, { width: 100 })).toMatchFileSnapshot('../fixtures/trace/why-100.txt');
    await expect(renderWhy(report, { ascii: true, width: 60 })).toMatchFileSnapshot('../fixtures/trace/why-ascii.txt');
    await expect(`${JSON.stringify(whyJson(report), undefined, 2)}\n`).toMatchFileSnapshot(
      '../fixtures/trace/why.json',
    );
  });

  test('names the nearest pattern where none matches', async () => {
    const misspelt = published('evt-1', { event_type: 'index.complete', subscriber_count: 0 });
    const report = await reportOf(subscribed('a', 'llm.response'), subscribed('b', 'index.completed'), misspelt);
    expect(report.nearest).toEqual({ pattern: 'index.completed', service: 'svc', handler: 'on_b' });
    expect(renderWhy(report)).toContain('no pattern matches; the nearest is index.completed, of svc.on_b');
    const far = await reportOf(subscribed('a', 'llm.response'), subscribed('b', 'index.*.gone'), misspelt);
    expect(far.nearest?.pattern).toBe('index.*.gone');
    expect((await reportOf(subscribed('a', 'llm.response'), misspelt)).nearest).toBe(undefined);
  });

  test('of a log from level info up is not known for those that may have succeeded', async () => {
    const info = everything().filter(({ level }) => level !== 'debug');
    const { subscribers } = await reportOf(...info);
    expect(subscribers.find(({ handler }) => handler === 'on_good')?.verdict).toEqual({ kind: 'not_logged' });
    expect(subscribers.find(({ handler }) => handler === 'on_broken')?.verdict.kind).toBe('failed');
  });

  test('is told of subscribers whose subscription is in an older part of the log', async () => {
    const { subscribers } = await reportOf(
      event,
      started('dlv-1', 'evt-1', of('good')),
      completed('dlv-1', 'evt-1', of('good')),
    );
    expect(subscribers).toMatchObject([{ handler: 'on_good', patterns: [], verdict: { kind: 'delivered' } }]);
  });

  test('is of the newest session that has the event, and says which others there are', async () => {
    const older = { ...published('evt-1', { event_type: 'old', timestamp: at(0) }), session: 'older' };
    const newer = { ...published('evt-1', { event_type: 'new', timestamp: at(9_000) }), session: 'newer' };
    const { report } = await explain([older, newer]);
    expect(report).toMatchObject({ session: 'newer', otherSessions: ['older'], event: { type: 'new' } });
    expect((await explain([older, newer], 'evt-1', 'older')).report).toMatchObject({ session: 'older' });
  });

  test('of an id that is none is nothing, and says where it is a trace id', async () => {
    expect(await explain([event], 'evt-7')).toMatchObject({ report: undefined, isTraceId: false });
    expect(await explain([event], 'req-1')).toMatchObject({ report: undefined, isTraceId: true });
    await expect(explain([event], '')).rejects.toMatchObject({ code: 'USAGE' });
  });

  test('says where records were lost that may tell more', async () => {
    const gap = record('log_gap', { lost: 3, timestamp: at(50) });
    const open = await explain([subscribed('a', 'index.completed'), event, gap]);
    expect(open.report?.gaps).toEqual([{ seq: 3, lost: 3, time: T0 + 50 }]);
    if (open.report === undefined) throw new Error('no report');
    expect(renderWhy(open.report)).toContain('3 records were lost at 10:00:00.050; this may be incomplete');
    expect(whyJson(open.report).gaps).toEqual([{ seq: 3, timestamp: at(50), lost: 3 }]);
    const before = await explain([gap, subscribed('a', 'index.completed'), event]);
    expect(before.report?.gaps).toEqual([]);
  });

  test('of a real bus agrees with what the bus reports', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cf-bus-why-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'bus.log');
    const log = openLog({ file, level: 'debug' });
    const bus = new EventBus({ log });
    const gone = bus.subscribe('index.completed', function gone() {});
    bus.subscribe('index.*', function works() {});
    bus.subscribe('**', function breaks() {
      throw new Error('disk full');
    });
    bus.subscribe('llm.response', function other() {});
    gone.unsubscribe();
    const { event: own, deliveries } = await bus.publish({
      type: 'index.completed',
      payload: { repo_path: '/srv/web' },
    });
    bus.subscribe('index.completed', function late() {});
    await bus.close();
    log.close();
    const { report } = await explainEvent([file], own.id, { matches });
    expect(report?.subscribers.map(({ handler, verdict }) => [handler, verdict.kind])).toEqual([
      ['gone', 'unsubscribed'],
      ['works', 'delivered'],
      ['breaks', 'failed'],
      ['late', 'too_late'],
      ['other', 'no_match'],
    ]);
    expect(deliveries.map(({ subscriber, state }) => [subscriber.handler, state])).toEqual([
      ['works', 'done'],
      ['breaks', 'failed'],
    ]);
  });
});
