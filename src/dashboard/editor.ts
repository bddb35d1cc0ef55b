/** A line of text being edited. Pure; the cursor stands between graphemes. */
import { graphemes } from './text/width.js';

export interface Editor {
  readonly text: string;
  /** UTF-16 units before the cursor. */
  readonly cursor: number;
}

export const emptyEditor: Editor = { text: '', cursor: 0 };

/** Longest text that is worth typing; a payload may have 256 KiB. */
const MAX_LENGTH = 256 * 1024;

export function editorOf(text: string): Editor {
  return { text, cursor: text.length };
}

/** Text as typed or pasted: one line, whatever came. */
export function insert({ text, cursor }: Editor, typed: string): Editor {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a paste may hold anything; control characters are left out
  const clean = typed.replace(/\s+/g, ' ').replace(/[\u0000-\u001f\u007f-\u009f]/g, '');
  if (clean === '' || text.length + clean.length > MAX_LENGTH) return { text, cursor };
  return { text: text.slice(0, cursor) + clean + text.slice(cursor), cursor: cursor + clean.length };
}

export type EditKey =
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'backspace'
  | 'delete'
  | 'kill-before'
  | 'kill-after'
  | 'kill-word';

export function edit(editor: Editor, key: EditKey): Editor {
  const { text, cursor } = editor;
  switch (key) {
    case 'left':
      return { text, cursor: before(editor) };
    case 'right':
      return { text, cursor: after(editor) };
    case 'home':
      return { text, cursor: 0 };
    case 'end':
      return { text, cursor: text.length };
    case 'backspace':
      return remove(text, before(editor), cursor);
    case 'delete':
      return remove(text, cursor, after(editor));
    case 'kill-before':
      return remove(text, 0, cursor);
    case 'kill-after':
      return remove(text, cursor, text.length);
    case 'kill-word':
      return remove(text, text.slice(0, cursor).replace(/\S*\s*$/, '').length, cursor);
  }
}

function remove(text: string, from: number, to: number): Editor {
  return { text: text.slice(0, from) + text.slice(to), cursor: from };
}

function before({ text, cursor }: Editor): number {
  return cursor - (graphemes(text.slice(0, cursor)).at(-1)?.length ?? 0);
}

function after({ text, cursor }: Editor): number {
  return cursor + (graphemes(text.slice(cursor))[0]?.length ?? 0);
}
