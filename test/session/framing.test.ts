import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Line, LineFramer } from '../../src/session/framing.js';
import { METHODS } from '../../src/session/methods.js';
import { RPC_ERRORS } from '../../src/session/protocol.js';
import { parseRequest } from '../../src/session/request.js';

function frame(chunks: readonly Buffer[], limit: number): Line[] {
  const framer = new LineFramer(limit);
  const lines: Line[] = [];
  for (const chunk of chunks) {
    framer.push(chunk);
    for (let line = framer.next(); line !== undefined; line = framer.next()) lines.push(line);
  }
  return lines;
}

function cut(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((place, index) => bytes.subarray(place, places[index] ?? bytes.length));
}

const lineText = fc.string({ unit: 'binary' }).map((text) => text.replace(/[\r\n]/g, '·'));

describe('framing', () => {
  it('gives the same lines however the bytes are cut, CRLF and empty lines included', () => {
    const ends = fc.constantFrom('\n', '\r\n', '\n\n');
    fc.assert(
      fc.property(fc.array(fc.tuple(lineText, ends)), fc.array(fc.nat()), (lines, cuts) => {
        const bytes = Buffer.from(lines.map(([text, end]) => text + end).join(''));
        const texts = Buffer.from(lines.map(([text]) => text).join('\n'))
          .toString()
          .split('\n')
          .filter((text) => text !== '');
        const expected = texts.map((text) => ({ kind: 'text', text }));
        expect(frame(cut(bytes, cuts), 10_000)).toEqual(expected);
        expect(
          frame(
            [...bytes].map((byte) => Buffer.from([byte])),
            10_000,
          ),
        ).toEqual(expected);
      }),
    );
  });

  it('gives the same verdicts on any bytes and any limit, however they are cut', () => {
    const bytes = fc.array(fc.constantFrom(0x0a, 0x0d, 0x61, 0x80, 0xc3, 0xa9), { maxLength: 60 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat()), fc.integer({ min: 1, max: 12 }), (values, cuts, limit) => {
        const whole = Buffer.from(values);
        expect(frame(cut(whole, cuts), limit)).toEqual(frame([whole], limit));
      }),
    );
  });

  it('takes a line of exactly the limit and refuses one byte more', () => {
    expect(frame([Buffer.from('12345\r\n12345\n')], 5)).toEqual([
      { kind: 'text', text: '12345' },
      { kind: 'text', text: '12345' },
    ]);
    expect(frame([Buffer.from('123456\n1\n')], 5)).toEqual([{ kind: 'too_long' }]);
  });

  it('says at once that a line without an end is too long', () => {
    expect(frame([Buffer.from('1234567')], 5)).toEqual([{ kind: 'too_long' }]);
  });

  it('gives out lines one by one, so that a reader can stop within a chunk', () => {
    const framer = new LineFramer(10);
    framer.push(Buffer.from('a\nb\nc'));
    expect(framer.next()).toEqual({ kind: 'text', text: 'a' });
    framer.push(Buffer.from('d\n'));
    expect(framer.next()).toEqual({ kind: 'text', text: 'b' });
    expect(framer.next()).toEqual({ kind: 'text', text: 'cd' });
    expect(framer.next()).toBeUndefined();
  });
});

describe('the reader of requests', () => {
  const codes: readonly number[] = Object.values(RPC_ERRORS);

  function judge(line: Line): void {
    const parsed = parseRequest(line);
    if (parsed.kind === 'request') expect(Object.keys(METHODS)).toContain(parsed.request.method);
    else {
      expect(codes).toContain(parsed.error.code);
      expect(parsed.error.message.length).toBeLessThan(500);
      expect(parsed.error.data.code).toBe('PROTOCOL');
    }
  }

  it('answers any text with a request or a protocol error, and never throws', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => judge({ kind: 'text', text })));
    fc.assert(fc.property(fc.json(), (text) => judge({ kind: 'text', text })));
  });

  it('answers any parameters of any method with a request or a protocol error', () => {
    const value = fc.jsonValue();
    const key = fc.constantFrom(
      'id',
      'type',
      'payload',
      'protocol',
      'client',
      'target',
      'on',
      'level',
      'records',
      '__proto__',
      'toString',
    );
    const params = fc.oneof(
      value,
      fc.dictionary(key, fc.oneof(value, fc.boolean(), fc.constantFrom('slow', 'info', 1))),
    );
    const method = fc.oneof(fc.constantFrom(...Object.keys(METHODS)), fc.constantFrom('__proto__', 'constructor', ''));
    fc.assert(
      fc.property(method, params, fc.oneof(value, fc.constant(1)), (name, given, id) => {
        judge({ kind: 'text', text: JSON.stringify({ jsonrpc: '2.0', id, method: name, params: given }) });
      }),
      { numRuns: 500 },
    );
  });

  it('survives nesting of any depth', () => {
    judge({ kind: 'text', text: '['.repeat(500_000) });
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    judge({
      kind: 'text',
      text: `{"jsonrpc":"2.0","id":1,"method":"publish","params":{"id":"x","type":"a","payload":${deep}}}`,
    });
    judge({ kind: 'text', text: `{"jsonrpc":"2.0","id":1,"method":"hello","params":${deep}}` });
  });

  it.each([
    [{ id: 1, method: 'hello' }, 'a request needs "jsonrpc": "2.0"'],
    [{ jsonrpc: '2.0', method: 'hello' }, 'a request needs an "id": a string or a whole number'],
    [{ jsonrpc: '2.0', id: 1 }, 'a request needs a "method"'],
    [[], 'batches are not supported: send one request a line'],
    [{ jsonrpc: '2.0', id: 1, method: 'publsh' }, 'there is no method "publsh"'],
    [
      { jsonrpc: '2.0', id: 1, method: 'publish', params: { id: 'x', type: 'a', traceId: 'b' } },
      'publish: params: unknown key "traceId"',
    ],
    [{ jsonrpc: '2.0', id: 1, method: 'publish', params: { id: 'x', type: 7 } }, 'publish: params.type must be string'],
    [
      { jsonrpc: '2.0', id: 1, method: 'watch', params: { level: 'loud' } },
      'watch: params.level must be one of debug, info, warn, error',
    ],
    [
      { jsonrpc: '2.0', id: 1, method: 'hello', params: { protocol: 1.5, client: 'x' } },
      'hello: params.protocol must be a whole number',
    ],
  ])('says what is wrong with %j', (message, problem) => {
    const parsed = parseRequest({ kind: 'text', text: JSON.stringify(message) });
    expect(parsed).toMatchObject({ kind: 'refused', fatal: false, error: { message: problem } });
  });
});
