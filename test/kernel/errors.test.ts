import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import {
  CfBusError,
  describeError,
  ERROR_CODES,
  isCfBusError,
  suggest,
  systemErrorCode,
  VERSION,
} from '../../src/kernel/index.js';

function hostileProxy(): object {
  const trap = () => {
    throw new Error('trap');
  };
  return new Proxy({}, { get: trap, has: trap, getPrototypeOf: trap, ownKeys: trap });
}

describe('a CfBusError', () => {
  test('has a code, a message, a hint, and the exit code of wrong input unless told otherwise', () => {
    const error = new CfBusError('USAGE', 'no such command', { hint: 'try --help' });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'USAGE', message: 'no such command', hint: 'try --help', exitCode: 2 });
    expect(error.name).toBe('CfBusError');
    expect('cause' in error).toBe(false);
    const cause = new Error('ENOENT');
    expect(new CfBusError('TIMEOUT', 'late', { exitCode: 3, cause, name: 'Late' })).toMatchObject({
      exitCode: 3,
      cause,
      name: 'Late',
      hint: undefined,
    });
  });

  test('is recognised from another copy of the package', async () => {
    vi.resetModules();
    const copy = await import('../../src/kernel/index.js');
    const foreign = new copy.CfBusError('TIMEOUT', 'late');
    expect(foreign).not.toBeInstanceOf(CfBusError);
    expect(isCfBusError(foreign)).toBe(true);
  });

  test.each([new Error('plain'), null, undefined, 'TIMEOUT', { code: 'TIMEOUT' }])('is not %s', (value) => {
    expect(isCfBusError(value)).toBe(false);
  });

  test('codes are named once each', () => {
    expect(new Set(ERROR_CODES).size).toBe(ERROR_CODES.length);
  });
});

describe('describeError', () => {
  test.each([
    [new TypeError('bad'), 'TypeError', 'bad'],
    ['boom', 'string', 'boom'],
    [undefined, 'undefined', 'undefined'],
    [null, 'null', 'null'],
    [0, 'number', '0'],
    [Symbol('s'), 'symbol', 'Symbol(s)'],
  ])('names %s', (thrown, name, message) => {
    expect(describeError(thrown)).toEqual({ name, message });
  });

  test('never throws, whatever was thrown', () => {
    const cannot = { name: 'unknown', message: 'a value that cannot be shown was thrown' };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const thrown of [hostileProxy(), proxy, Object.create(null), { toString: hostileProxy }]) {
      expect(describeError(thrown)).toEqual(cannot);
    }
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true }), (thrown) => {
        const { name, message } = describeError(thrown);
        expect([typeof name, typeof message]).toEqual(['string', 'string']);
      }),
    );
  });
});

test('systemErrorCode is the code of a system error, and nothing of anything else', () => {
  let caught: unknown;
  try {
    readFileSync('no/such/file');
  } catch (error) {
    caught = error;
  }
  expect(systemErrorCode(caught)).toBe('ENOENT');
  expect(systemErrorCode(Object.assign(new Error(), { code: 7 }))).toBeUndefined();
  expect(systemErrorCode({ code: 'ENOENT' })).toBeUndefined();
});

describe('suggest', () => {
  const commands = ['run', 'publish', 'trace', 'stats', 'sessions', 'pause'];

  test.each([
    ['publsh', 'publish'],
    ['PUBLISH', 'publish'],
    ['trcae', 'trace'],
    ['puase', 'pause'],
    ['stat', 'stats'],
    ['ru', 'run'],
    ['session', 'sessions'],
    ['xyzzy', undefined],
    ['', undefined],
  ])('for %j means %s', (word, meant) => {
    expect(suggest(word, commands)).toBe(meant);
  });

  test('gives a known word for itself, and only known words at all', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { maxLength: 8 }), (word, candidates) => {
        const meant = suggest(word, candidates);
        if (meant !== undefined) expect(candidates).toContain(meant);
        expect(suggest(word, [...candidates, word])?.toLowerCase()).toBe(word.toLowerCase());
      }),
    );
  });
});

test('VERSION is package.json’s', () => {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(manifest).toMatchObject({ version: VERSION });
});
