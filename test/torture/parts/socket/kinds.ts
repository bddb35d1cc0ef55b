/** Ways to be a bad client, and what the session must make of each. */
import { pause, within } from '../../support/programs.js';
import { Peer } from './peer.js';

/** How it went: as it must, or otherwise. `turnedAway`: cut off for others, which is no more than it may expect. */
export type Outcome = 'as it must' | 'turned away' | { readonly problem: string };

export interface Kind {
  readonly name: string;
  /** It says `hello`, and takes one of the 32 places. */
  readonly greets: boolean;
  readonly act: (path: string, stop: AbortSignal) => Promise<Outcome>;
}

const MIB = 1024 * 1024;
/** Two seconds for `hello`, one for the farewell, and what a loaded machine needs. */
const GONE_MS = 12_000;
/** Less than the two seconds there are: what it sent has to arrive. */
const HELLO_MS = 1_000;
const NO_HELLO = 'no \\"hello\\" came within 2 s';

/** Sends something, and must be told `says` and be closed. */
function refused(name: string, says: string, send: (peer: Peer) => void | Promise<void>): Kind {
  return {
    name,
    greets: false,
    async act(path) {
      const peer = new Peer(path);
      await send(peer);
      const isGone =
        (await within(
          peer.closed.then(() => true),
          GONE_MS,
        )) === true;
      peer.drop();
      if (!isGone) return { problem: `${name}: still connected after ${GONE_MS / 1_000} s` };
      if (peer.received.includes(says)) return 'as it must';
      // The waiting room holds 256; the oldest makes room, without a word.
      return peer.received === '' ? 'turned away' : { problem: `${name}: was told ${peer.received.slice(0, 200)}` };
    },
  };
}

const notJson = 'a line is not JSON';

const UNGREETED: readonly Kind[] = [
  refused('silent', NO_HELLO, () => {}),
  refused('half a line', NO_HELLO, (peer) => peer.send('{"jsonrpc":"2.0","id":1,"met')),
  refused('byte by byte, too slowly', NO_HELLO, async (peer) => {
    for (const byte of '{"jsonrpc":"2.0","id":1,"method":"hello"') {
      if (peer.isOver) return;
      peer.send(byte);
      await pause(100);
    }
  }),
  refused('a line without end', `a line has more than ${MIB} bytes`, (peer) => peer.send('x'.repeat(MIB + 2))),
  refused('garbage', notJson, (peer) => peer.send(`${'\u0000\u0001]}{'.repeat(2_000)}\n`)),
  refused('no UTF-8', 'a line is not UTF-8', (peer) => peer.send(Buffer.from([0x7b, 0xff, 0xfe, 0x0a]))),
  refused('HTTP', notJson, (peer) => peer.send('GET /metrics HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n')),
  refused('a protocol of the future', 'this session speaks version 1', (peer) =>
    peer.ask('1', 'hello', { protocol: 99, client: 'future' }),
  ),
  refused('no hello first', 'the first request must be \\"hello\\"', (peer) => peer.ask('1', 'stop')),
  {
    name: 'half-open',
    greets: false,
    // It closes its own direction at once, and reads on.
    async act(path) {
      const peer = new Peer(path);
      peer.socket.end();
      const isGone =
        (await within(
          peer.closed.then(() => true),
          GONE_MS,
        )) === true;
      peer.drop();
      return isGone ? 'as it must' : { problem: 'half-open: still connected' };
    },
  },
];

/** Stays until it is over; being cut off is what it may expect. */
async function stay(peer: Peer, stop: AbortSignal): Promise<Outcome> {
  await Promise.race([peer.closed, ended(stop)]);
  peer.drop();
  return 'as it must';
}

const GREETED: readonly Kind[] = [
  {
    name: 'byte by byte',
    greets: true,
    async act(path, stop) {
      const begin = performance.now();
      const peer = new Peer(path);
      const text = '{"jsonrpc":"2.0","id":"hello","method":"hello","params":{"protocol":1,"client":"é"}}\r\n';
      for (const byte of Buffer.from(text)) {
        peer.send(Buffer.from([byte]));
        await pause(2);
      }
      // Where the machine let it take too long, it is a slow one like the others.
      const isLate = performance.now() - begin > HELLO_MS;
      const isServed = await within(peer.sees('"result"'), GONE_MS);
      if (isLate && peer.received.includes(NO_HELLO)) return 'as it must';
      if (isServed !== true)
        return peer.received === '' ? 'turned away' : { problem: `byte by byte: ${peer.received.slice(0, 200)}` };
      return stay(peer, stop);
    },
  },
  {
    name: 'never reading',
    greets: true,
    async act(path, stop) {
      const peer = new Peer(path);
      peer.greet('never reading');
      peer.ask('watch', 'watch');
      if ((await within(peer.sees('"watching":true'), GONE_MS)) !== true) return 'turned away';
      peer.socket.pause();
      return stay(peer, stop);
    },
  },
  {
    name: 'slow',
    greets: true,
    async act(path, stop) {
      const peer = new Peer(path);
      peer.greet('slow');
      peer.ask('watch', 'watch');
      if ((await within(peer.sees('"watching":true'), GONE_MS)) !== true) return 'turned away';
      peer.socket.pause();
      while (!stop.aborted && !peer.isOver) {
        peer.socket.read(1_024);
        await pause(100);
      }
      peer.drop();
      return 'as it must';
    },
  },
  {
    name: 'asking without reading',
    greets: true,
    async act(path, stop) {
      const peer = new Peer(path);
      peer.greet('asking');
      if ((await within(peer.sees('"result"'), GONE_MS)) !== true) return 'turned away';
      peer.socket.pause();
      const ask = `${JSON.stringify({ jsonrpc: '2.0', id: 'x'.repeat(200), method: 'unwatch', params: {} })}\n`;
      peer.send(ask.repeat(20_000));
      const isCutOff =
        (await within(
          peer.closed.then(() => true),
          GONE_MS,
        )) === true;
      peer.drop();
      if (isCutOff || stop.aborted) return 'as it must';
      return { problem: 'asking without reading: over 4 MiB of answers wait for it' };
    },
  },
];

/** Of those that take a place there are few: all of them together must leave some for others. */
const MOST_GREETED = 20;
/** Each of them costs 20,000 answers. */
const MOST_ASKING = 1;

/** So many clients, of every kind. */
export function crowd(size: number): readonly Kind[] {
  const [bytewise, never, slow, asking] = GREETED;
  if (bytewise === undefined || never === undefined || slow === undefined || asking === undefined) return [];
  const greeted = Array.from({ length: MOST_GREETED }, (_, index) => {
    if (index < MOST_ASKING) return asking;
    return [bytewise, never, slow][index % 3] ?? slow;
  });
  const ungreeted = Array.from({ length: size - greeted.length }, (_, index) => UNGREETED[index % UNGREETED.length]);
  return [...greeted, ...ungreeted.flatMap((kind) => kind ?? [])];
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
