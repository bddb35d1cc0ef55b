import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../src/kernel/index.js';
import { connect } from '../../src/session/index.js';
import { atEnd, makePlace, type Running, start } from './support/place.js';
import { RawClient } from './support/raw-client.js';

function raw(running: Running): RawClient {
  const client = new RawClient(running.session.description.socket);
  atEnd(() => client.socket.destroy());
  return client;
}

async function expectHonestClientServed(running: Running): Promise<void> {
  const client = await connect(running.session.description);
  await expect(client.publish({ type: 'still.alive' })).resolves.toHaveProperty('event_id');
  client.close();
}

describe('a client that does not speak the protocol gets one clear error and is closed', () => {
  it.each([
    ['an HTTP request', 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n', 'a line is not JSON'],
    ['garbage', '\u0000\u0001\u0002 {]\n', 'a line is not JSON'],
    [
      'another request before hello',
      '{"jsonrpc":"2.0","id":1,"method":"stats"}\n',
      'the first request must be "hello"',
    ],
    ['JSON that is no request', '42\n', 'a request is a JSON object'],
    [
      'a version of the future',
      '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":2,"client":"new"}}\n',
      'this session speaks version 1 of the control protocol, not 2',
    ],
    ['a line over 1 MiB', 'x'.repeat(1024 * 1024 + 2), 'a line has more than 1048576 bytes (1 MiB)'],
  ])('%s', async (_, text, problem) => {
    const running = await start(makePlace());
    const client = raw(running);
    client.socket.write(text);
    await client.closed;
    expect(client.messages).toMatchObject([{ error: { message: problem, data: { code: 'PROTOCOL' } } }]);
    await expectHonestClientServed(running);
  });

  it('bytes that are not UTF-8', async () => {
    const running = await start(makePlace());
    const client = raw(running);
    client.socket.write(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]));
    await client.closed;
    expect(client.messages).toMatchObject([{ error: { code: -32700, message: 'a line is not UTF-8' } }]);
  });

  it('silence: no hello within 2 s', async () => {
    const clock = new VirtualClock();
    const running = await start(makePlace(), { like: 'test' }, { clock });
    const client = raw(running);
    await expect.poll(() => clock.pending).toBe(1);
    await clock.drive({ until: () => clock.now() >= 2_000 });
    await client.closed;
    expect(clock.now()).toBe(2_000);
    expect(client.messages).toMatchObject([{ id: null, error: { message: 'no "hello" came within 2 s' } }]);
  });

  it('but a wrong request after hello is only answered with an error', async () => {
    const client = raw(await start(makePlace()));
    client.hello();
    client.send(
      { jsonrpc: '2.0', id: 1, method: 'stats', params: { all: true } },
      { jsonrpc: '2.0', id: 2, method: 'stats' },
    );
    expect(await client.answer(1)).toMatchObject({ error: { code: -32602 } });
    expect(await client.answer(2)).toHaveProperty('result');
  });
});

describe('a slow client', () => {
  it('that writes byte by byte, with CRLF, is served', async () => {
    const client = raw(await start(makePlace()));
    const text = '{"jsonrpc":"2.0","id":1,"method":"hello","params":{"protocol":1,"client":"é"}}\r\n';
    for (const byte of Buffer.from(text)) {
      await new Promise((resolve) => client.socket.write(Buffer.from([byte]), resolve));
    }
    expect(await client.answer(1)).toHaveProperty('result.protocol', 1);
  });

  it('that closes its own direction still gets the answer to what it asked', async () => {
    const client = raw(await start(makePlace()));
    client.hello();
    client.socket.end('{"jsonrpc":"2.0","id":1,"method":"publish","params":{"id":"p","type":"a.b"}}\n');
    await client.closed;
    expect(client.messages.slice(0, 2)).toMatchObject([
      { id: 'hello' },
      { id: 1, result: { event_id: expect.any(String) } },
    ]);
  });

  it('that watches without reading loses records, learns how many, and keeps its connection', async () => {
    const running = await start(makePlace());
    const client = raw(running);
    client.hello().send({ jsonrpc: '2.0', id: 1, method: 'watch', params: {} });
    await client.answer(1);
    client.socket.pause();
    const total = 30_000;
    for (let index = 0; index < total; index++) running.host.record({ type: 'a.b' });
    await expectHonestClientServed(running);
    client.socket.resume();
    await client.find((message) => message.method === 'dropped');
    client.send({ jsonrpc: '2.0', id: 2, method: 'unwatch' });
    await client.answer(2);
    const records = client.messages.filter((message) => message.method === 'record').length;
    const dropped = client.messages.reduce((sum, message) => sum + countOf(message), 0);
    expect(dropped).toBeGreaterThan(0);
    // The honest client published one.
    expect(records + dropped).toBe(total + 1);
  });

  it('that asks and asks without reading is cut off, and the others are not', async () => {
    const running = await start(makePlace());
    const client = raw(running);
    client.hello();
    await client.answer('hello');
    client.socket.pause();
    const ask = `${JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(200), method: 'hello', params: { protocol: 1, client: 'x' } })}\n`;
    expect(running.session.clients).toBe(1);
    client.socket.write(ask.repeat(20_000));
    // So many requests take their time on a busy machine.
    await expect.poll(() => running.session.clients, { timeout: 15_000 }).toBe(0);
    await expectHonestClientServed(running);
  });

  it('that takes nothing for 30 s is cut off, even below every limit', async () => {
    const clock = new VirtualClock();
    const running = await start(makePlace(), { like: 'test' }, { clock });
    const client = raw(running);
    client.hello().send({ jsonrpc: '2.0', id: 1, method: 'watch', params: {} });
    await client.answer(1);
    client.socket.pause();
    await clock.drive();
    expect(running.session.clients).toBe(1);
    for (let index = 0; index < 5_000; index++) running.host.record({ type: 'a.b' });
    // The one timer left is the limit for the batch that does not fit into the socket any more.
    await expect.poll(() => clock.pending).toBe(1);
    await clock.drive();
    expect(running.session.clients).toBe(0);
    expect(running.host.watchers).toBe(0);
  });

  it('cannot have more than 64 requests answered at the same time: the rest waits, and none is lost', async () => {
    const running = await start(makePlace());
    let open = () => {};
    running.host.flushGate = new Promise((resolve) => {
      open = resolve;
    });
    const client = raw(running);
    client.hello();
    await client.answer('hello');
    const ids = Array.from({ length: 200 }, (_, index) => index);
    client.send(...ids.map((id) => ({ jsonrpc: '2.0', id, method: 'publish', params: { id: `p${id}`, type: 'a.b' } })));
    await expect.poll(() => running.host.published.length).toBe(64);
    await expectOthersAnswered(running);
    expect(running.host.published).toHaveLength(64);
    open();
    for (const id of ids) expect(await client.answer(id)).toHaveProperty('result');
    expect(running.host.published).toHaveLength(200);
  });
});

async function expectOthersAnswered(running: Running): Promise<void> {
  const client = await connect(running.session.description);
  await expect(client.request('stats', {})).resolves.toBeTypeOf('object');
  client.close();
}

function countOf(message: Record<string, unknown>): number {
  const { params } = message;
  return message.method === 'dropped' && typeof params === 'object' && params !== null && 'count' in params
    ? Number(params.count)
    : 0;
}

describe('many clients', () => {
  it('are 32 at most; one more is told so, and finds a place when another leaves', async () => {
    const running = await start(makePlace(), { exact: 'full' });
    const clients = await Promise.all(Array.from({ length: 32 }, () => connect(running.session.description)));
    const refused = connect(running.session.description);
    await expect(refused).rejects.toMatchObject({
      code: 'SESSION_UNREACHABLE',
      exitCode: 3,
      message: 'session "full" has as many clients as it serves (32)',
    });
    clients[0]?.close();
    await expect.poll(() => running.session.clients).toBe(31);
    await expectHonestClientServed(running);
    for (const client of clients) client.close();
  });

  it('500 at once, silent and shouting, do not keep an honest one out', async () => {
    const running = await start(makePlace());
    const shout = (index: number) => {
      const client = raw(running);
      if (index % 2 === 0) client.socket.write('GET / HTTP/1.1\r\n\r\n');
    };
    for (let index = 0; index < 100; index++) shout(index);
    const served = expectHonestClientServed(running);
    for (let index = 0; index < 400; index++) shout(index);
    await served;
    await expectHonestClientServed(running);
  });

  it('that vanish without a word leave nothing behind', async () => {
    const running = await start(makePlace(), { like: 'test' }, { slowType: 'never.settles' });
    const client = raw(running);
    client
      .hello()
      .send(
        { jsonrpc: '2.0', id: 1, method: 'watch', params: {} },
        { jsonrpc: '2.0', id: 2, method: 'publish', params: { id: 'p', type: 'never.settles', records: true } },
      );
    await client.answer(2);
    expect(running.host.watchers).toBe(1);
    client.socket.destroy();
    await expect.poll(() => running.session.clients).toBe(0);
    expect(running.host.watchers).toBe(0);
  });
});

describe('a session that ends', () => {
  it('does not wait for a client that does not read', async () => {
    const running = await start(makePlace());
    const client = raw(running);
    client.hello().send({ jsonrpc: '2.0', id: 1, method: 'watch', params: {} });
    await client.answer(1);
    client.socket.pause();
    for (let index = 0; index < 10_000; index++) running.host.record({ type: 'a.b' });
    await running.session.close();
    expect(running.session.clients).toBe(0);
  });
});
