import { expect, test } from 'vitest';
import type { Event } from '../../src/bus/index.js';
import { RecentPayloads } from '../../src/cli/run/recent-payloads.js';
import { payloadReader } from '../../src/record/index.js';

function event(id: string, type: string, payload: Event['payload']): Event {
  const rest = { source: 'test', traceId: 't', timestamp: 0, causationId: undefined, causationDeliveryId: undefined };
  return { id, type, payload, ...rest };
}

test('the payload of an event by its id, and of the last event of a type', () => {
  const recent = new RecentPayloads(payloadReader(undefined));
  recent.published(event('e1', 'a.b', { first: 1 }));
  recent.published(event('e2', 'a.b', { second: 2 }));
  recent.published(event('e3', 'a.c', {}));
  expect(recent.of({ event_id: 'e1' })).toEqual({ first: 1 });
  expect(recent.of({ type: 'a.b' })).toEqual({ second: 2 });
  expect(recent.of({ type: 'a.c' })).toEqual({});
  expect(recent.of({ type: 'a.d' })).toBeUndefined();
  expect(recent.of({ event_id: 'e9' })).toBeUndefined();
});

test('what is redacted in the log is redacted here', () => {
  const recent = new RecentPayloads(payloadReader(['user.password']));
  recent.published(event('e1', 'a.b', { user: { name: 'x', password: 'y' } }));
  expect(recent.of({ event_id: 'e1' })).toEqual({ user: { name: 'x', password: '[Redacted]' } });
});

test('the last ten thousand events are kept, and a thousand types', () => {
  const recent = new RecentPayloads(payloadReader(undefined));
  for (let index = 0; index < 20_000; index++) recent.published(event(`e${index}`, `t.n${index}`, { index }));
  expect(recent.of({ event_id: 'e9999' })).toBeUndefined();
  expect(recent.of({ event_id: 'e10000' })).toEqual({ index: 10_000 });
  expect(recent.of({ event_id: 'e19999' })).toEqual({ index: 19_999 });
  expect(recent.of({ type: 't.n18999' })).toBeUndefined();
  expect(recent.of({ type: 't.n19000' })).toEqual({ index: 19_000 });
});
