import { describe, expect, it } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import type { LogRecord } from '../../src/record/index.js';
import { connect, type SessionClient } from '../../src/session/index.js';
import { atEnd, makePlace, type Running, start } from './support/place.js';
import { RawClient } from './support/raw-client.js';

async function join(running: Running, client = 'tester'): Promise<SessionClient> {
  const joined = await connect(running.session.description, { client });
  atEnd(() => joined.close());
  return joined;
}

describe('a client of a session', () => {
  it('is told at hello which session it reached', async () => {
    const running = await start(makePlace(), { exact: 'demo' });
    const client = await join(running);
    expect(client.session).toMatchObject({
      name: 'demo',
      pid: process.pid,
      scenario: 'Memory',
      paused: false,
      protocol: 1,
    });
    expect(running.session.clients).toBe(1);
  });

  it('gets an answer to every kind of request, and the run hears who asked', async () => {
    const running = await start(makePlace());
    const client = await join(running, 'cf-bus dash');
    expect(await client.request('stats', {})).toMatchObject({ total_subscribers: 2 });
    expect(await client.request('pause', {})).toEqual({ paused: true });
    expect(await client.request('resume', {})).toEqual({ paused: false });
    expect(await client.request('fault', { on: true, target: 'index', type: 'slow', by_ms: 20 })).toEqual({
      targets: ['svc.index'],
    });
    expect(await client.request('fault', { on: false, target: 'index', type: 'all' })).toEqual({
      targets: ['svc.index'],
    });
    expect(await client.request('speed', { speed: 2.5 })).toEqual({ speed: 2.5 });
    expect(await client.request('expectations', {})).toEqual({
      expectations: [{ label: 'never a.failed', state: 'holds', detail: 'not seen' }],
      finished: true,
    });
    expect(await client.request('stop', {})).toEqual({ stopping: true });
    const by = 'by cf-bus dash';
    expect(running.host.calls).toEqual([
      `pause ${by}`,
      `resume ${by}`,
      `fault slow on ${by}`,
      `fault all off ${by}`,
      `speed 2.5 ${by}`,
      `stop ${by}`,
    ]);
  });

  it('gets what a recent event carried, and the last one of a type; nothing where nobody knows', async () => {
    const client = await join(await start(makePlace()));
    await client.publish({ type: 'a.b', payload: { first: 1 } });
    await client.publish({ type: 'a.b', payload: { second: [2, null] } });
    expect(await client.request('payload', { type: 'a.b' })).toEqual({ payload: { second: [2, null] } });
    expect(await client.request('payload', { event_id: 'e1' })).toEqual({ payload: { of: 'e1' } });
    expect(await client.request('payload', { event_id: 'e2' })).toEqual({ payload: null });
    expect(await client.request('payload', { type: 'never.seen' })).toEqual({ payload: null });
  });

  it('is told the speed at hello, and cannot set one that is none', async () => {
    const running = await start(makePlace());
    const client = await join(running);
    await client.request('speed', { speed: 4 });
    expect((await join(running)).session.speed).toBe(4);
    for (const speed of [0, -1, 1e9, Number.NaN])
      await expect(client.request('speed', { speed })).rejects.toMatchObject({ code: 'PROTOCOL' });
    expect((await join(running)).session.speed).toBe(4);
  });

  it('gets the errors of the run with their code, hint and exit code', async () => {
    const client = await join(await start(makePlace()));
    await expect(client.request('fault', { on: true, target: 'nobody', type: 'down' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    await expect(client.publish({ type: 'Not A Type' })).rejects.toMatchObject({ code: 'INVALID_EVENT', exitCode: 2 });
    await expect(client.publish({ type: 'a.b', payload: [1] })).rejects.toMatchObject({ code: 'INVALID_PAYLOAD' });
    await expect(client.publish({ type: 'a.b', payload: { big: 'x'.repeat(300_000) } })).rejects.toMatchObject({
      code: 'INVALID_PAYLOAD',
    });
  });

  it('watches records as they happen, filtered by trace, until it stops watching', async () => {
    const { host, ...running } = await start(makePlace());
    const client = await join({ host, ...running });
    const notices = client.notices();
    await client.request('watch', { trace_id: 'mine' });
    host.record({ type: 'a.b', trace: 'other' });
    host.record({ type: 'a.b', trace: 'mine', id: 'e1' });
    const { value } = await notices.next();
    expect(value).toMatchObject({ kind: 'record', record: { event_id: 'e1' } });
    await client.request('unwatch', {});
    expect(host.watchers).toBe(0);
  });

  it('hears bye when the session ends in good order, and then nothing', async () => {
    const running = await start(makePlace());
    const client = await join(running);
    const notices = client.notices();
    await client.request('watch', {});
    await running.session.close('the traffic is over');
    const heard = [];
    for await (const notice of notices) heard.push(notice);
    expect(heard).toEqual([{ kind: 'bye', reason: 'the traffic is over' }]);
    await client.closed;
    await expect(client.request('stats', {})).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE', exitCode: 3 });
  });

  it('gets its answer before bye when the session ends meanwhile', async () => {
    const running = await start(makePlace());
    const client = await join(running);
    let open = () => {};
    running.host.flushGate = new Promise((resolve) => {
      open = resolve;
    });
    const asked = client.publish({ type: 'a.b' });
    await expect.poll(() => running.host.flushes).toBe(1);
    const closing = running.session.close();
    open();
    await expect(asked).resolves.toMatchObject({ event_id: expect.any(String) });
    await closing;
  });
});

describe('stop', () => {
  it('is answered before the session says bye, also when the run closes within the call', async () => {
    const running = await start(makePlace());
    const client = await join(running);
    const notices = client.notices();
    running.host.onStop = () => void running.session.close('stopped by a client');
    await expect(client.request('stop', {})).resolves.toEqual({ stopping: true });
    await expect(notices.next()).resolves.toMatchObject({ value: { kind: 'bye', reason: 'stopped by a client' } });
    await client.closed;
  });
});

describe('a publish', () => {
  it('is acknowledged only after its record was written', async () => {
    const { host, session } = await start(makePlace());
    const client = await join({ host, session });
    let open = () => {};
    host.flushGate = new Promise((resolve) => {
      open = resolve;
    });
    let acknowledged = false;
    const ack = client.publish({ type: 'a.b', trace_id: 'req-1' }).then((given) => {
      acknowledged = true;
      return given;
    });
    await expect.poll(() => host.flushes).toBe(1);
    await client.request('stats', {});
    expect(acknowledged).toBe(false);
    open();
    expect(await ack).toMatchObject({ trace_id: 'req-1' });
  });

  it('shares one write with the others that came with it', async () => {
    const { host, session } = await start(makePlace());
    const raw = new RawClient(session.description.socket);
    const ids = Array.from({ length: 60 }, (_, index) => `p${index}`);
    const publish = (id: string) => ({ jsonrpc: '2.0', id, method: 'publish', params: { id, type: 'a.b' } });
    raw.hello();
    await raw.answer('hello');
    raw.send(...ids.map(publish));
    for (const id of ids) expect(await raw.answer(id)).toHaveProperty('result.event_id');
    expect(host.published).toHaveLength(60);
    expect(host.flushes).toBeLessThanOrEqual(3);
    raw.socket.destroy();
  });

  it('under an id that was used before gives the same answer and publishes nothing, also from another connection', async () => {
    const { host, session } = await start(makePlace());
    const first = await join({ host, session });
    const second = await join({ host, session });
    const [a, b] = await Promise.all([
      first.publish({ id: 'same', type: 'a.b' }),
      first.publish({ id: 'same', type: 'a.b' }),
    ]);
    const c = await second.publish({ id: 'same', type: 'a.b' });
    expect([b.event_id, c.event_id]).toEqual([a.event_id, a.event_id]);
    expect(host.published).toHaveLength(1);
    expect(await c.settled).toMatchObject({ settled: true, event_id: a.event_id });
    expect(await b.settled).toMatchObject({ settled: true });
  });

  it('remembers the last 10,000 ids', async () => {
    const { host, session } = await start(makePlace());
    const client = await join({ host, session });
    for (let start = 0; start <= 10_000; start += 1_000) {
      const ids = Array.from({ length: 1_000 }, (_, index) => `p${start + index}`);
      await Promise.all(ids.map((id) => client.publish({ id, type: 'a.b' })));
    }
    expect(host.published).toHaveLength(11_000);
    await client.publish({ id: 'p1000', type: 'a.b' });
    expect(host.published).toHaveLength(11_000);
    await client.publish({ id: 'p999', type: 'a.b' });
    expect(host.published).toHaveLength(11_001);
  });

  it('that was refused because the log cannot be written may be tried again under its id', async () => {
    const { host, session } = await start(makePlace());
    const client = await join({ host, session });
    host.publishError = new CfBusError('LOG_UNAVAILABLE', 'no space left', { hint: 'make room', exitCode: 1 });
    const refused = client.publish({ id: 'again', type: 'a.b' });
    await expect(refused).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', hint: 'make room', exitCode: 1 });
    host.publishError = undefined;
    await client.publish({ id: 'again', type: 'a.b' });
    expect(host.published).toHaveLength(1);
  });

  it('whose record could not be written is not acknowledged, and asking again does not publish twice', async () => {
    const { host, session } = await start(makePlace());
    const client = await join({ host, session });
    host.flushError = new CfBusError('LOG_UNAVAILABLE', 'no space left');
    await expect(client.publish({ id: 'once', type: 'a.b' })).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    host.flushError = undefined;
    await client.publish({ id: 'once', type: 'a.b' });
    expect(host.published).toHaveLength(1);
  });

  it('shows the publisher all records of what it caused, in order and before it settles, and no others', async () => {
    const reactions = [
      { on: 'index.started', publish: 'index.updated' },
      { on: 'index.updated', publish: 'index.failed' },
    ];
    const { host, session } = await start(makePlace(), { like: 'test' }, { reactions, slowType: 'index.started' });
    const client = await join({ host, session });
    const seen: LogRecord[] = [];
    const ack = await client.publish(
      { type: 'index.started', trace_id: 't' },
      { onRecord: (record) => seen.push(record) },
    );
    host.record({ type: 'un.related', trace: 't' });
    host.record({ type: 'late.child', trace: 't', id: 'child', cause: ack.event_id });
    host.record({ type: 'late.grandchild', trace: 't', cause: 'child' });
    host.release();
    const settled = await ack.settled;
    expect(settled).toMatchObject({ event_id: ack.event_id, settled: true, failed: 1, records_left_out: 0 });
    expect(seen.map((record) => record.event_type)).toEqual([
      'index.started',
      'index.updated',
      'index.failed',
      'late.child',
      'late.grandchild',
    ]);
    await client.request('stats', {});
    expect(host.watchers).toBe(0);
  });

  it('counts the records it left out of an immense cascade', async () => {
    const { host, session } = await start(makePlace(), { like: 'test' }, { slowType: 'big.bang' });
    const client = await join({ host, session });
    let seen = 0;
    const ack = await client.publish({ type: 'big.bang' }, { onRecord: () => seen++ });
    for (let batch = 0; batch < 12; batch++) {
      for (let index = 0; index < 1_000; index++) host.record({ type: 'a.b', cause: ack.event_id });
      // A round trip: the client keeps up.
      await client.request('stats', {});
    }
    host.release();
    expect(await ack.settled).toMatchObject({ records_left_out: 2_001 });
    expect(seen).toBe(10_000);
  });

  it('whose session dies before it settles says so with exit code 3', async () => {
    const { host, session } = await start(makePlace(), { like: 'test' }, { slowType: 'a.b' });
    const client = await join({ host, session });
    const ack = await client.publish({ type: 'a.b' });
    await session.close();
    await expect(ack.settled).rejects.toMatchObject({ code: 'SESSION_UNREACHABLE', exitCode: 3 });
  });
});
