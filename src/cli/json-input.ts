/** JSON that people type: parsed, or the place where it is wrong. */
import { CfBusError, safe } from '../kernel/index.js';

/**
 * The value of `text`.
 * @param label what `text` is, for the message: `--payload`, a file's name.
 * @throws CfBusError `INVALID_PAYLOAD` with line, column and the line itself.
 */
export function parseJsonInput(text: string, label: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, expected } = locate(text);
    const before = text.slice(0, offset);
    const line = before.split('\n').length;
    const column = offset - (before.lastIndexOf('\n') + 1) + 1;
    throw new CfBusError(
      'INVALID_PAYLOAD',
      `${label} is not JSON: line ${line}, column ${column}: expected ${expected}`,
      { hint: excerpt(text, offset) },
    );
  }
}

/** Characters shown before and after the place. */
const BEFORE = 50;
const AFTER = 26;

function excerpt(text: string, offset: number): string {
  const start = Math.max(text.lastIndexOf('\n', offset - 1) + 1, offset - BEFORE);
  const lineEnd = text.indexOf('\n', offset);
  const end = Math.min(lineEnd === -1 ? text.length : lineEnd, offset + AFTER);
  const lead = safe(text.slice(start, offset));
  return `${lead}${safe(text.slice(offset, end))}\n${' '.repeat(lead.length)}^`;
}

type Expecting = 'value' | 'value or ]' | 'key' | 'key or }' | 'colon' | 'comma or }' | 'comma or ]' | 'end';

const WORDS: Readonly<Record<Expecting, string>> = {
  value: 'a value',
  'value or ]': 'a value or ]',
  key: 'a key in double quotes',
  'key or }': 'a key in double quotes, or }',
  colon: 'a colon',
  'comma or }': 'a comma or }',
  'comma or ]': 'a comma or ]',
  end: 'nothing more',
};

const SPACE = /[ \t\n\r]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids them in strings
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const STRING_START = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y;

/** The first place where `text` stops being JSON. No depth overflows it. */
function locate(text: string): { readonly offset: number; readonly expected: string } {
  const open: ('{' | '[')[] = [];
  let at = 0;
  let expecting: Expecting = 'value';
  const skip = (pattern: RegExp): boolean => {
    pattern.lastIndex = at;
    const matched = pattern.test(text);
    if (matched) at = pattern.lastIndex;
    return matched;
  };
  const afterValue = (): Expecting => {
    const container = open.at(-1);
    return container === undefined ? 'end' : container === '{' ? 'comma or }' : 'comma or ]';
  };
  for (;;) {
    skip(SPACE);
    const char = text[at];
    const start = at;
    const closes = (char === '}' && expecting.endsWith('}')) || (char === ']' && expecting.endsWith(']'));
    if (closes) {
      at++;
      open.pop();
      expecting = afterValue();
    } else if (char === ',' && expecting.startsWith('comma')) {
      at++;
      expecting = open.at(-1) === '{' ? 'key' : 'value';
    } else if (char === ':' && expecting === 'colon') {
      at++;
      expecting = 'value';
    } else if (expecting.startsWith('key') && skip(STRING)) {
      expecting = 'colon';
    } else if (expecting.startsWith('value') && (char === '{' || char === '[')) {
      at++;
      open.push(char);
      expecting = char === '{' ? 'key or }' : 'value or ]';
    } else if (expecting.startsWith('value') && (skip(STRING) || skip(SCALAR))) {
      expecting = afterValue();
    } else if (char === '"' && (expecting.startsWith('key') || expecting.startsWith('value'))) {
      skip(STRING_START);
      return {
        offset: at,
        expected: at < text.length ? 'a valid escape or character in a string' : 'the end of a string, "',
      };
    } else {
      return { offset: start, expected: WORDS[expecting] };
    }
  }
}
