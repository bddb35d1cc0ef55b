/** One line of a log, as bytes, to what it is. */
import { type LogRecord, parseLine } from '../../record/index.js';

export type Decoded =
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** The line was cut short by a crash, and the next program to write went on behind it: what it wrote is whole. */
  | { readonly kind: 'salvaged'; readonly record: LogRecord }
  | { readonly kind: 'foreign'; readonly value: Readonly<Record<string, unknown>> }
  /** It begins like an object and does not end like one. */
  | { readonly kind: 'torn' }
  | { readonly kind: 'invalid' }
  | { readonly kind: 'blank' };

/** How our records begin: `level` is the first key that pino writes. */
const RECORD_START = '{"level":';
// biome-ignore lint/suspicious/noControlCharactersInRegex: a crash leaves runs of NUL where a file was being extended
const PADDING = /^[\u0000\ufeff\s]+/;

/** Reads one line without its line break; invalid UTF-8 becomes U+FFFD. Never throws. */
export function decodeLine(bytes: Buffer): Decoded {
  const line = bytes.toString('utf8');
  const parsed = parseLine(line);
  if (parsed.kind !== 'invalid') return parsed;
  const text = line.replace(PADDING, '').trimEnd();
  if (text === '') return { kind: line.includes('\u0000') ? 'invalid' : 'blank' };
  if (text.length < line.length) {
    const again = parseLine(text);
    if (again.kind === 'record') return again;
  }
  const at = text.lastIndexOf(RECORD_START);
  if (at > 0) {
    const tail = parseLine(text.slice(at));
    if (tail.kind === 'record') return { kind: 'salvaged', record: tail.record };
  }
  return { kind: text.startsWith('{') ? 'torn' : 'invalid' };
}
