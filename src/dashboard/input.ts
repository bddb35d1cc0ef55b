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

/** What a terminal sends before and after a paste, once asked to (less the escape character, which Ink takes away). */
const PASTE_BEGINS = '[200~';
const PASTE_ENDS = '[201~';

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys are control characters
const PARTS = /[\u0000-\u001f\u007f]|[^\u0000-\u001f\u007f]+/g;

export class KeyReader {
  #pasting = false;

  /**
   * What was typed; several keys where they were pressed faster than they are read.
   * @param input and `key` as `useInput` gives them.
   */
  read(input: string, key: Key): readonly Typed[] {
    if (input === PASTE_BEGINS || input === PASTE_ENDS) {
      this.#pasting = input === PASTE_BEGINS;
      return [];
    }
    // A pasted line break sends nothing: what is pasted can be looked at first.
    if (this.#pasting) return [{ kind: 'text', text: key.return ? ' ' : input }];
    return readKeys(input, key);
  }
}

function readKeys(input: string, key: Key): readonly Typed[] {
  if (key.eventType === 'release') return [];
  if (key.tab) return [{ kind: 'key', key: key.shift ? 'shift-tab' : 'tab' }];
  // Most terminals send DEL for the Backspace key, and Ink calls that `delete`.
  if (key.backspace || key.delete) return [{ kind: 'key', key: 'backspace' }];
  for (const [flag, name] of NAMED) if (key[flag] === true) return [{ kind: 'key', key: name }];
  if (key.ctrl) return [{ kind: 'key', key: `ctrl-${input}` }];
  // An escape sequence nobody knows (a function key, an answer of the terminal) is no text.
  if (/^(?:\[|O)[\d;?<>]*[A-Za-z~]$/.test(input)) {
    return input === 'OP' || input === '[11~' ? [{ kind: 'key', key: 'f1' }] : [];
  }
  if (key.meta) return [];
  return (input.match(PARTS) ?? []).flatMap(readPart);
}

function readPart(part: string): readonly Typed[] {
  const code = part.charCodeAt(0);
  if (code > 0x1f && code !== 0x7f) return [{ kind: 'text', text: part }];
  if (part === '\r' || part === '\n') return [{ kind: 'key', key: 'enter' }];
  if (part === '\t') return [{ kind: 'key', key: 'tab' }];
  if (part === '\u007f' || part === '\b') return [{ kind: 'key', key: 'backspace' }];
  if (part === '\u001b') return [{ kind: 'key', key: 'esc' }];
  return code >= 1 && code <= 26 ? [{ kind: 'key', key: `ctrl-${String.fromCharCode(code + 0x60)}` }] : [];
}
