/**
 * The filter: `trace:req-12345 level:error disk`. Terms are joined by and; `-` before one turns it round. Words are
 * found as they are (no regular expressions); `*` in a value stands for anything.
 */
import { LEVELS, type LogRecord } from './schema.js';

export const FILTER_FIELDS = ['trace', 'type', 'service', 'handler', 'level', 'event', 'source', 'id'] as const;
export type FilterField = (typeof FILTER_FIELDS)[number] | 'text';

export interface FilterTerm {
  readonly field: FilterField;
  readonly value: string;
  readonly not: boolean;
}

export interface Filter {
  readonly terms: readonly FilterTerm[];
  /** The trace it asks for, where it asks for one by its whole id. */
  readonly trace: string | undefined;
}

export const NO_FILTER: Filter = { terms: [], trace: undefined };

const TERM = /(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/g;

/** Never fails: what is no known field is text. */
export function parseFilter(text: string): Filter {
  const terms: FilterTerm[] = [];
  for (const [whole, minus, name, quoted, bare] of text.matchAll(TERM)) {
    const value = quoted ?? bare ?? '';
    // A field whose value is still to be typed asks for nothing.
    if (name === undefined && FILTER_FIELDS.some((known) => bare === `${known}:`)) continue;
    const field = FILTER_FIELDS.find((known) => known === name);
    const not = minus === '-' && (value !== '' || field !== undefined);
    if (field !== undefined) {
      if (value !== '') terms.push({ field, value, not });
    } else if (name !== undefined)
      terms.push({ field: 'text', value: whole.slice(not ? 1 : 0).replaceAll('"', ''), not });
    else if (value !== '') terms.push({ field: 'text', value, not });
  }
  const whole = terms.find(({ field, value, not }) => !not && field === 'trace' && !value.includes('*'));
  return { terms, trace: whole?.value };
}

/** A test for records. Everything that can be prepared once is. */
export function recordTest({ terms }: Filter): (record: LogRecord) => boolean {
  const tests = terms.map(({ field, value, not }) => {
    const test = fieldTest(field, value);
    return not ? (record: LogRecord) => !test(record) : test;
  });
  return (record) => tests.every((test) => test(record));
}

function fieldTest(field: FilterField, value: string): (record: LogRecord) => boolean {
  const lower = value.toLowerCase();
  switch (field) {
    case 'level': {
      const least = LEVELS.findIndex((level) => level.startsWith(lower) || (lower === 'err' && level === 'error'));
      return (record) => LEVELS.indexOf(record.level) >= least;
    }
    case 'trace':
      return textTest('trace_id', wholeTest(value));
    case 'id': {
      const test = wholeTest(value);
      return (record) => ['event_id', 'delivery_id', 'causation_id'].some((key) => holds(record, key, test));
    }
    case 'type': {
      const test = globTest(lower);
      // `type:index` means the family, too.
      return textTest('event_type', (text) => test(text) || text.startsWith(`${lower}.`));
    }
    case 'event':
      return textTest('event', (text) => text.includes(lower));
    case 'service': {
      const test = partTest(lower);
      // What a service published has it as its source.
      return (record) => holds(record, 'service' in record ? 'service' : 'source', test);
    }
    case 'handler':
    case 'source':
      return textTest(field, partTest(lower));
    case 'text':
      return (record) => searchText(record).includes(lower);
  }
}

/** Ids match whole and as they are, or by `*`. */
function wholeTest(value: string): (text: string, raw: string) => boolean {
  if (!value.includes('*')) return (_text, raw) => raw === value;
  return globTest(value.toLowerCase());
}

function partTest(lower: string): (text: string) => boolean {
  return lower.includes('*') ? globTest(lower) : (text) => text.includes(lower);
}

function textTest(key: string, test: (text: string, raw: string) => boolean): (record: LogRecord) => boolean {
  return (record) => holds(record, key, test);
}

function holds(record: LogRecord, key: string, test: (text: string, raw: string) => boolean): boolean {
  const value = record[key];
  return typeof value === 'string' && test(value.toLowerCase(), value);
}

/** `*` for anything, without a regular expression that a value could make slow. */
function globTest(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*');
  const first = parts[0] ?? '';
  if (parts.length === 1) return (text) => text === pattern;
  const last = parts.at(-1) ?? '';
  const middle = parts.slice(1, -1);
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    const end = text.length - last.length;
    for (const part of middle) {
      const found = text.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}

const TEXT_KEYS = [
  'event',
  'event_type',
  'trace_id',
  'service',
  'handler',
  'source',
  'error',
  'error_name',
  'reason',
  'action',
  'target',
  'scenario',
  'event_id',
];

function searchText(record: LogRecord): string {
  let text = '';
  for (const key of TEXT_KEYS) {
    const value = record[key];
    if (typeof value === 'string') text += `${value}\n`;
  }
  if (record.event === 'event_published' && record.payload !== undefined) text += JSON.stringify(record.payload);
  return text.toLowerCase();
}

/** The filter text that shows one trace alone. */
export function traceFilter(traceId: string): string {
  return /[\s"]/.test(traceId) ? `trace:"${traceId.replaceAll('"', '*')}"` : `trace:${traceId}`;
}
