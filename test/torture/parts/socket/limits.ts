/** The limits of the control socket, held against a session that has nothing else to do. */

import { describeError } from '../../../../src/kernel/index.js';
import { connect, type SessionDescription } from '../../../../src/session/index.js';
import { pause, within } from '../../support/programs.js';
import { Peer } from './peer.js';

export interface Check {
  readonly name: string;
  /** What is not as it must be. */
  readonly act: (session: SessionDescription) => Promise<readonly string[]>;
}

const PLACES = 32;
const MIB = 1024 * 1024;
const LONG_MS = 10_000;

async function served(session: SessionDescription): Promise<string[]> {
  try {
    const client = await connect(session, { client: 'check', timeout: LONG_MS });
    await client.publish({ type: 'guest.came', payload: {} });
    client.close();
    return [];
  } catch (error) {
    return [`nobody is served: ${describeError(error).message}`];
  }
}

async function greeted(path: string): Promise<Peer> {
  const peer = new Peer(path);
  peer.greet('limit');
  await within(peer.sees('"hello"'), LONG_MS);
  return peer;
}

const places: Check = {
  name: `${PLACES} clients`,
  async act(session) {
    // The one that measures is there already.
    const peers = await Promise.all(Array.from({ length: PLACES - 1 }, () => greeted(session.socket)));
    const problems: string[] = [];
    const inside = peers.filter((peer) => peer.received.includes('"result"')).length;
    if (inside !== PLACES - 1) problems.push(`${inside + 1} places instead of ${PLACES}`);
    const [one] = await served(session);
    if (one?.includes('as many clients as it serves (32)') !== true) problems.push(`one more was told: ${one}`);
    peers[0]?.drop();
    await pause(200);
    problems.push(...(await served(session)).map((problem) => `a place that was given back: ${problem}`));
    for (const peer of peers) peer.drop();
    await pause(200);
    return problems;
  },
};

/** A publish whose line has so many bytes, its line break left out. */
function lineOf(bytes: number): string {
  const [before, after] = [
    '{"jsonrpc":"2.0","id":"big","method":"publish","params":{"id":"p","type":"a","payload":{"t":"',
    '"}}}',
  ];
  return `${before}${'x'.repeat(bytes - before.length - after.length)}${after}\n`;
}

const longLine: Check = {
  name: '1 MiB a line',
  async act({ socket }) {
    const problems: string[] = [];
    const exact = await greeted(socket);
    exact.send(lineOf(MIB));
    await within(exact.sees('"big"'), LONG_MS);
    if (!exact.received.includes('INVALID_PAYLOAD')) problems.push(`a line of 1 MiB: ${exact.received.slice(-300)}`);
    exact.ask('still here', 'stats');
    if ((await within(exact.sees('"still here"'), LONG_MS)) !== true)
      problems.push('a line of 1 MiB ended the connection');
    exact.drop();
    const over = await greeted(socket);
    over.send(lineOf(MIB + 1));
    if (
      (await within(
        over.closed.then(() => true),
        LONG_MS,
      )) !== true
    )
      problems.push('a longer line did not end it');
    if (!over.received.includes('a line has more than')) problems.push(`a longer line: ${over.received.slice(-300)}`);
    return problems;
  },
};

const pipelined: Check = {
  name: '5,000 requests in one go, 64 of them in flight',
  async act({ socket }) {
    const peer = await greeted(socket);
    const ids = Array.from({ length: 5_000 }, (_, index) => `r${index}`);
    const answers: string[] = [];
    let rest = '';
    peer.socket.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) answers.push(JSON.parse(line).id);
    });
    peer.send(ids.map((id) => `${JSON.stringify({ jsonrpc: '2.0', id, method: 'unwatch', params: {} })}\n`).join(''));
    const begin = performance.now();
    while (answers.length < ids.length && performance.now() - begin < LONG_MS && !peer.isOver) await pause(20);
    peer.drop();
    return answers.join() === ids.join() ? [] : [`${answers.length} of ${ids.length} answers, or not in their order`];
  },
};

const helloLimit: Check = {
  name: 'hello within 2 s',
  async act({ socket }) {
    const peer = new Peer(socket);
    const begin = performance.now();
    const isGone = await within(
      peer.closed.then(() => true),
      LONG_MS,
    );
    const seconds = (performance.now() - begin) / 1_000;
    if (isGone !== true) return [`still connected after ${LONG_MS / 1_000} s`];
    if (seconds < 1.9) return [`closed after ${seconds.toFixed(2)} s`];
    return peer.received.includes('came within 2 s') ? [] : [`was told: ${peer.received}`];
  },
};

const twice: Check = {
  name: 'the same publish twice',
  async act(session) {
    const client = await connect(session, { client: 'twice', timeout: LONG_MS });
    const request = { id: 'once', type: 'guest.came', payload: { n: 1 } };
    const [one, other] = [await client.publish(request), await client.publish(request)];
    client.close();
    return one.event_id === other.event_id ? [] : [`${one.event_id} and ${other.event_id}`];
  },
};

export const LIMITS: readonly Check[] = [places, longLine, pipelined, helloLimit, twice];
