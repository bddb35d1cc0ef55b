/**
 * The one door for untrusted text on its way to a terminal: what could move the cursor, change colours, ring, reorder
 * or hide text becomes visible. What is stored stays as it was.
 */

// C0 (tab and newline too), DEL, C1; bidi controls; zero-width and other invisible characters, but not variation selectors,
// which choose a letter's form; line separators; lone surrogates.
const UNSAFE = new RegExp(
  [
    '[\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]',
    '[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f]',
    '[\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}]',
    '[\\u{e0000}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]',
  ].join('|'),
  'u',
);
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');
/** In JSON a line break stands between tokens and is ours: strings have theirs escaped. Large JSON has many. */
const UNSAFE_JSON = new RegExp(`(?!\\n)(?:${UNSAFE.source})`, 'gu');
/** Characters that are looked at together: replacing takes a hundred times the memory of what is replaced. */
const PIECE = 1 << 14;
const SURROGATE = /^[\ud800-\udfff]$/u;

/** `text` with every unsafe character made visible: `^[` for ESC, `\x9b` for C1, `<U+202E>` for the others. */
export function safe(text: string): string {
  if (!UNSAFE.test(text)) return text;
  if (text.length <= PIECE) return text.replace(UNSAFE_ALL, show);
  let shown = '';
  for (let from = 0; from < text.length; ) {
    // A pair of surrogates is one character.
    const end = from + PIECE + Number(isHighSurrogate(text.charCodeAt(from + PIECE - 1)));
    shown += text.slice(from, end).replace(UNSAFE_ALL, show);
    from = end;
  }
  return shown;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** Like `safe`, but keeps line breaks: for text of several lines that is ours to lay out. */
export function safeLines(text: string): string {
  return text.split('\n').map(safe).join('\n');
}

/** JSON for a terminal or a pipe: C1, bidi and invisible characters are written as `\u` escapes; it parses to the same value. */
export function safeJson(value: unknown, indent?: number): string {
  return (JSON.stringify(value, undefined, indent) ?? 'null').replace(UNSAFE_JSON, unicodeEscape);
}

function show(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20) return `^${String.fromCharCode(code + 0x40)}`;
  if (code === 0x7f) return '^?';
  if (code <= 0x9f) return `\\x${code.toString(16)}`;
  if (SURROGATE.test(char)) return '\ufffd';
  return `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
}

function unicodeEscape(char: string): string {
  let escaped = '';
  for (let index = 0; index < char.length; index++) {
    escaped += `\\u${char.charCodeAt(index).toString(16).padStart(4, '0')}`;
  }
  return escaped;
}
