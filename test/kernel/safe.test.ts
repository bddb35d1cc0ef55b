import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { safe, safeJson, safeLines } from '../../src/kernel/index.js';

/** What may never reach a terminal, by code point. Written apart from the code: by range, from the Unicode charts. */
function forbidden(code: number): boolean {
  const ranges: readonly (readonly [number, number])[] = [
    [0x00, 0x1f],
    [0x7f, 0x9f],
    [0x61c, 0x61c],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x206f],
    [0xd800, 0xdfff],
    [0xfeff, 0xfeff],
    // Fillers, joiners and marks of notations: nothing is to be seen of them. Variation selectors choose a letter's form.
    [0x34f, 0x34f],
    [0x115f, 0x1160],
    [0x17b4, 0x17b5],
    [0x3164, 0x3164],
    [0xffa0, 0xffa0],
    [0xfff0, 0xfffb],
    [0x1bca0, 0x1bca3],
    [0x1d173, 0x1d17a],
    [0xe0000, 0xe00ff],
    [0xe01f0, 0xe0fff],
  ];
  return ranges.some(([low, high]) => code >= low && code <= high);
}

function offenders(text: string, allowed = ''): readonly string[] {
  return [...text]
    .filter((char) => forbidden(char.codePointAt(0) ?? 0) && !allowed.includes(char))
    .map((char) => `U+${char.codePointAt(0)?.toString(16)}`);
}

/** Text in which the forbidden is as likely as the rest. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.constantFrom(
        '\u001b[2J',
        '\u009b31m',
        '\u001b]0;x\u0007',
        '\r',
        '\n',
        '\t',
        '\u202e',
        '\u200b',
        '\ud800',
        '\u{e0041}',
        '\u3164',
        '\u{1d173}',
        '\u{e0fff}',
      ),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
    ),
  )
  .map((parts) => parts.join(''));

describe('safe', () => {
  test.each([
    ['\u001b[31mred', '^[[31mred'],
    ['a\nb\tc\rd', 'a^Jb^Ic^Md'],
    ['\u0000\u0007\u007f', '^@^G^?'],
    ['\u009b31m', '\\x9b31m'],
    ['\u0085', '\\x85'],
    ['a\u202eb', 'a<U+202E>b'],
    ['zero\u200bwidth\ufeff', 'zero<U+200B>width<U+FEFF>'],
    ['soft\u00adhyphen', 'soft<U+00AD>hyphen'],
    ['\u2028\u2029', '<U+2028><U+2029>'],
    ['tag \u{e0041}', 'tag <U+E0041>'],
    ['filler \u3164\u115f', 'filler <U+3164><U+115F>'],
    ['half \ud83d', 'half \ufffd'],
  ])('shows %j as %s', (text, shown) => {
    expect(safe(text)).toBe(shown);
  });

  test.each(['plain', 'Grüße, 世界', '👩\ufe0f 😀', '葛\u{e0100}', 'naïve café', 'العربية', '', '<U+202E>', '^['])(
    'leaves %j alone',
    (text) => {
      expect(safe(text)).toBe(text);
    },
  );

  test('lets nothing through that could move the cursor, colour, ring, reorder or hide', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(offenders(safe(text))).toEqual([]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of what is safe already is the same', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(safe(safe(text))).toBe(safe(text));
      }),
    );
  });

  test('of a long text is that of its parts, wherever characters of two units stand', () => {
    for (const lead of ['', 'x', 'xx']) {
      const text = `${lead}${'😀\u001b'.repeat(20_000)}\ud83d`;
      expect(safe(text) === `${lead}${'😀^['.repeat(20_000)}\ufffd`).toBe(true);
    }
  });

  test('safeLines keeps line breaks, and nothing else', () => {
    expect(safeLines('one\ntwo\r\n\u001b[2J')).toBe('one\ntwo^M\n^[[2J');
    fc.assert(
      fc.property(hostile, (text) => {
        const shown = safeLines(text);
        expect(offenders(shown, '\n')).toEqual([]);
        expect(shown.split('\n')).toHaveLength(text.split('\n').length);
      }),
    );
  });
});

describe('safeJson', () => {
  test('parses to the same value, and has no forbidden character', () => {
    const value = fc.oneof(hostile, fc.jsonValue(), fc.dictionary(hostile, fc.array(hostile)));
    fc.assert(
      fc.property(value, fc.constantFrom(undefined, 2), (each, indent) => {
        const text = safeJson(each, indent);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(each)));
        expect(offenders(text, indent === undefined ? '' : '\n')).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  test('escapes C1 and bidi, and keeps what people read', () => {
    expect(safeJson({ a: '\u009b\u202e', b: 'Grüße 😀' })).toBe('{"a":"\\u009b\\u202e","b":"Grüße 😀"}');
    expect(safeJson('\u{e0041}')).toBe('"\\udb40\\udc41"');
  });

  test('of undefined is null', () => {
    expect(safeJson(undefined)).toBe('null');
  });
});
