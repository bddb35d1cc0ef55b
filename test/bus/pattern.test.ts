import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EventType, isEventType, MAX_TYPE_LENGTH, matcher, parsePattern } from '../../src/bus/index.js';
import { codeOf } from './support.js';

/** What the words say, tried in every way: `*` is one segment, `**` any number. Slow, and plainly right. */
function oracle(pattern: readonly string[], type: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return type.length === 0;
  if (head === '**') return oracle(rest, type) || (type.length > 0 && oracle(pattern, type.slice(1)));
  const [first, ...others] = type;
  return first !== undefined && (head === '*' || head === first) && oracle(rest, others);
}

const segment = fc.constantFrom('a', 'b', 'c');
const type = fc.array(segment, { minLength: 1, maxLength: 6 });
const pattern = fc.array(fc.oneof({ weight: 2, arbitrary: segment }, fc.constantFrom('*', '**')), {
  minLength: 1,
  maxLength: 6,
});

describe('event types', () => {
  test('the guide has 16, each named as its constant says', () => {
    expect(Object.keys(EventType)).toHaveLength(16);
    for (const [name, value] of Object.entries(EventType)) {
      expect(value).toBe(name.toLowerCase().replace('_', '.'));
      expect(isEventType(value)).toBe(true);
    }
  });

  test.each(['a', 'index.updated', 'A-b_9.c', '__proto__', 'constructor.prototype', '0', 'x'.repeat(200)])(
    '%j is a type',
    (value) => {
      expect(isEventType(value)).toBe(true);
    },
  );

  test.each([
    '',
    '.',
    'a.',
    '.a',
    'a..b',
    'a b',
    'a.*',
    '**',
    'a\n',
    '\na',
    'é',
    'a/b',
    'x'.repeat(201),
    42,
    null,
    undefined,
    {},
    ['a'],
  ])('%j is none', (value) => {
    expect(isEventType(value)).toBe(false);
  });
});

describe('patterns', () => {
  test.each([
    ['index.*', 'index.updated', true],
    ['index.*', 'index', false],
    ['index.*', 'index.a.b', false],
    ['*.failed', 'agent.failed', true],
    ['**', 'anything.at.all', true],
    ['index.**', 'index', true],
    ['index.**', 'index.a.b', true],
    ['index.**', 'indexes.a', false],
    ['**.failed', 'failed', true],
    ['**.failed', 'a.b.failed', true],
    ['a.**.b', 'a.b', true],
    ['a.**.b', 'a.x.y.b', true],
    ['a.**.b', 'a.x.b.y', false],
    ['**.*', 'a', true],
    ['index.updated', 'index.updated', true],
    ['index.updated', 'index.UPDATED', false],
  ])('%s on %s: %s', (text, on, expected) => {
    expect(matcher(text)(on)).toBe(expected);
  });

  test('match what trying every way matches', () => {
    fc.assert(
      fc.property(pattern, type, (segments, on) => {
        expect(matcher(segments.join('.'))(on.join('.'))).toBe(oracle(segments, on));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of many ** take no more than a moment on a long type', () => {
    const hostile = `${'**.a.'.repeat(30)}b`;
    expect(matcher(hostile)('a.'.repeat(99).concat('a'))).toBe(false);
  });

  test('repeated ** mean the same as one', () => {
    expect(parsePattern('**.**.a.**.**')).toEqual(['**', 'a', '**']);
  });

  test.each([
    '',
    '.',
    'a.',
    '*a',
    'a*',
    '***',
    'a.***',
    'a..*',
    'a b',
    '* ',
    '*\n',
    'x'.repeat(201),
    7,
    null,
    undefined,
    {},
  ])('%j is refused with INVALID_PATTERN', (value) => {
    expect(codeOf(() => parsePattern(value))).toBe('INVALID_PATTERN');
  });

  test(`may have ${MAX_TYPE_LENGTH} characters`, () => {
    expect(matcher(`${'x'.repeat(198)}.*`)(`${'x'.repeat(198)}.y`)).toBe(true);
  });
});
