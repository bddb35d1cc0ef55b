/** NDJSON line ↔ record. */
import { isObject } from '../kernel/index.js';
import { holds } from './field.js';
import { COMMON, isRecordKind, type LogRecord, RECORDS } from './schema.js';

/** What one line of a log turned out to be. */
export type ParsedLine =
  /** A record of our schema. */
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** A JSON object that is none of ours: another program's line, or one of ours that lacks a key. */
  | { readonly kind: 'foreign'; readonly value: Readonly<Record<string, unknown>> }
  /** No JSON object. */
  | { readonly kind: 'invalid' };

/** Reads one line, without its line break. Never throws. */
export function parseLine(line: string): ParsedLine {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { kind: 'invalid' };
  }
  return isObject(value) ? classify(value) : { kind: 'invalid' };
}

/** Like `parseLine`, for a value that is parsed already. */
export function classify(value: Readonly<Record<string, unknown>>): ParsedLine {
  return isRecord(value) ? { kind: 'record', record: value } : { kind: 'foreign', value };
}

function isRecord(value: Readonly<Record<string, unknown>>): value is LogRecord {
  const kind = value.event;
  return isRecordKind(kind) && holds(COMMON, value) && holds(RECORDS[kind], value);
}
