/** What Ink makes of the bytes of a terminal → our names of keys. */
import type { Key } from 'ink';
import type { KeyName } from './keys.js';

export type Typed =
  | { readonly kind: 'key'; readonly key: KeyName }
  /** Printable text: one character, or several that came at once. */
  | { readonly kind: 'text'; readonly text: string };

const NAMED: readonly (readonly [keyof Key, KeyName])[] = [
  ['upArrow', 'up'],
  ['downArrow', 'down'],
  ['leftArrow', 'left'],
  ['rightArrow', 'right'],
  ['pageUp', 'pgup'],
  ['pageDown', 'pgdn'],
  ['home', 'home'],
  ['end', 'end'],
  ['return', 'enter'],
  ['escape', 'esc'],
];

/** @param input and `key` as `useInput` gives them. */
export function readKey(input: string, key: Key): Typed | undefined {
  if (key.eventType === 'release') return undefined;
  if (key.tab) return { kind: 'key', key: key.shift ? 'shift-tab' : 'tab' };
  // Most terminals send DEL for the Backspace key, and Ink calls that `delete`.
  if (key.backspace || key.delete) return { kind: 'key', key: 'backspace' };
  for (const [flag, name] of NAMED) if (key[flag] === true) return { kind: 'key', key: name };
  if (key.ctrl) return { kind: 'key', key: `ctrl-${input}` };
  if (input === '\n') return { kind: 'key', key: 'enter' };
  // An escape sequence nobody knows (a function key, an answer of the terminal) is no text.
  if (input === '' || /^(?:\[|O)[\d;?<>]*[A-Za-z~]$/.test(input)) {
    return input === 'OP' || input === '[11~' ? { kind: 'key', key: 'f1' } : undefined;
  }
  return key.meta ? undefined : { kind: 'text', text: input };
}
