/** One line of a log, as bytes, to what it is. */
import { classify, type LogRecord, parseLine } from '../../record/index.js';
import type { Reading } from '../dialect/dialect.js';
import type { Fields } from '../dialect/path.js';
import { type Prefix, splitPrefix } from '../dialect/prefix.js';
import { readLine } from '../dialect/read.js';
import { unwrap } from '../dialect/wrapped.js';

export type Decoded =
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** The line was cut short by a crash, and the next program to write went on behind it: what it wrote is whole. */
  | { readonly kind: 'salvaged'; readonly record: LogRecord }
  /** JSON of other programs; more than one line of theirs where a collector packs them. */
  | { readonly kind: 'foreign'; readonly lines: readonly ForeignLine[] }
  /** It begins like an object and does not end like one. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'blank' };

export interface ForeignLine {
  readonly value: Fields;
  /** What stands before the JSON. */
  readonly prefix: Prefix | undefined;
  /** What wraps it (the journal, a container's log) says. */
  readonly outer: Reading | undefined;
}

/** How our records begin: `level` is the first key that pino writes. */
const RECORD_START = '{"level":';
// biome-ignore lint/suspicious/noControlCharactersInRegex: a crash leaves runs of NUL where a file was being extended
const PADDING = /^[\u0000\ufeff\s]+/;

/** Reads one line without its line break; invalid UTF-8 becomes U+FFFD. Never throws. */
export function decodeLine(bytes: Buffer): Decoded {
  const line = bytes.toString('utf8');
  const parsed = parseLine(line);
  if (parsed.kind === 'record') return parsed;
  if (parsed.kind === 'foreign') return foreign(parsed.value, undefined);
  const text = line.replace(PADDING, '').trimEnd();
  if (text === '') return { kind: line.includes('\u0000') ? 'invalid' : 'blank' };
  return text.startsWith('{') ? decodeDamaged(text) : decodePrefixed(text);
}

function decodeDamaged(text: string): Decoded {
  const again = parseLine(text);
  if (again.kind === 'record') return again;
  if (again.kind === 'foreign') return foreign(again.value, undefined);
  const at = text.lastIndexOf(RECORD_START);
  const tail = at > 0 ? parseLine(text.slice(at)) : again;
  return tail.kind === 'record' ? { kind: 'salvaged', record: tail.record } : { kind: 'torn' };
}

function decodePrefixed(text: string): Decoded {
  const split = splitPrefix(text);
  if (split === undefined) return { kind: 'invalid' };
  const classified = classify(split.value);
  return classified.kind === 'record' ? classified : foreign(split.value, split.prefix);
}

function foreign(value: Fields, prefix: Prefix | undefined): Decoded {
  const wrapped = unwrap(value);
  if (wrapped === undefined) return { kind: 'foreign', lines: [{ value, prefix, outer: undefined }] };
  const outer = readLine(value, wrapped.outer);
  const [only, ...others] = wrapped.values.map((each) => classify(each));
  if (only?.kind === 'record' && others.length === 0) return only;
  return { kind: 'foreign', lines: wrapped.values.map((each) => ({ value: each, prefix, outer })) };
}
