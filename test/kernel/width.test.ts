import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { displayWidth, graphemes, isNarrow } from '../../src/kernel/index.js';

/** Text of every script, and often of the characters that are measured without looking them up. */
const anyText = fc.string({
  unit: fc.oneof(
    fc.constantFrom(...'azAZ09 ~é×·Ωж…→−─│├●✓✗©®↔\u00ad\u0301\u200d\ufe0f\u20e3漢字ｱ👍👩‍💻🇩🇪한'),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
});
const style = fc.constantFrom('\u001b[1m', '\u001b[31m', '\u001b[0;2m', '\u001b[39m');

describe('the width of text', () => {
  test('is what string-width says, for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(displayWidth(text)).toBe(stringWidth(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is what string-width says, for every single character and pair with a joiner', () => {
    const wrong: string[] = [];
    for (let code = 0x20; code < 0x3000; code++) {
      for (const text of [String.fromCharCode(code), `a${String.fromCharCode(code)}\ufe0f`]) {
        if (displayWidth(text) !== stringWidth(text)) wrong.push(code.toString(16));
      }
    }
    expect(wrong).toEqual([]);
  });

  test('does not change with styles', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(style, fc.string({ unit: 'grapheme' }))), (parts) => {
        const plain = parts.map(([, text]) => text).join('');
        expect(displayWidth(parts.flat().join(''))).toBe(displayWidth(plain));
      }),
    );
  });

  test('is the sum of the widths of its graphemes, which put together are the text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const parts = [...graphemes(text)];
        expect(parts.join('')).toBe(text);
        expect(parts.reduce((sum, part) => sum + displayWidth(part), 0)).toBe(displayWidth(text));
      }),
      { numRuns: 2_000 },
    );
  });

  test('of narrow text is its length, wherever it is cut', () => {
    fc.assert(
      fc.property(anyText.filter(isNarrow), fc.nat(), (text, at) => {
        const head = text.slice(0, at % (text.length + 1));
        expect(displayWidth(head)).toBe(head.length);
        expect(stringWidth(head)).toBe(head.length);
      }),
    );
    expect(isNarrow('├─ repo → é')).toBe(true);
    expect(isNarrow('漢字')).toBe(false);
  });

  test('a flag, a family and a letter with its accent are one grapheme each', () => {
    expect([...graphemes('🇩🇪👨‍👩‍👧e\u0301')]).toEqual(['🇩🇪', '👨‍👩‍👧', 'e\u0301']);
  });
});
