/** What no text of others may bring to a terminal. */

/**
 * C0 but the line break, DEL, C1; lone surrogates; line separators; what has no width or
 * turns the direction of text, but not variation selectors, which choose a letter's form.
 */
export const ACTIVE = new RegExp(
  [
    '[\\u0000-\\u0009\\u000b-\\u001f\\u007f-\\u009f]|\\p{Cs}|\\p{Zl}|\\p{Zp}',
    '[\\u00ad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f]',
    '[\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb]',
    '[\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e00ff}\\u{e01f0}-\\u{e0fff}]',
  ].join('|'),
  'u',
);

/** Where the first such thing stands, in words; `undefined` where there is none. */
export function activeIn(text: string): string | undefined {
  const found = ACTIVE.exec(text);
  if (found === null) return undefined;
  const code = found[0].codePointAt(0) ?? 0;
  const around = JSON.stringify(text.slice(Math.max(0, found.index - 30), found.index + 30));
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')} in ${around}`;
}
