/** What wraps lines of other programs: the journal, docker's json-file, Kubernetes collectors, Google Cloud, OTLP. */
import { isObject } from '../../kernel/index.js';
import type { Dialect } from './dialect.js';
import { levelOfPriority } from './level.js';
import { type Fields, isText, parseObject, valueAt } from './path.js';

/** https://systemd.io/JOURNAL_EXPORT_FORMATS: all values are strings; times in microseconds. */
export const journal: Dialect = {
  name: 'journal',
  recognises: (value) => value.MESSAGE !== undefined && value.__REALTIME_TIMESTAMP !== undefined,
  time: ['_SOURCE_REALTIME_TIMESTAMP', '__REALTIME_TIMESTAMP'],
  level: ['PRIORITY'],
  levelOf: levelOfPriority,
  message: ['MESSAGE'],
  service: ['CONTAINER_NAME', 'SYSLOG_IDENTIFIER', '_SYSTEMD_UNIT'],
  error: [],
};

/** docker's json-file driver, and what collectors of Kubernetes make of it. */
export const container: Dialect = {
  name: 'container',
  recognises: () => true,
  time: ['time', '@timestamp', 'timestamp'],
  level: [],
  message: [],
  service: ['kubernetes.labels.app', 'kubernetes.container_name', 'attrs.tag', 'container_name'],
  error: [],
};

/** A line inside another one. */
export interface Unwrapped {
  readonly values: readonly Fields[];
  /** How to read what wraps them: it tells what they do not. */
  readonly outer: Dialect;
}

/** The JSON lines that are wrapped in `value`, where there are any. */
export function unwrap(value: Fields): Unwrapped | undefined {
  if (Array.isArray(value.resourceLogs)) return { values: otlpRecords(value.resourceLogs), outer: container };
  if (journal.recognises(value)) return inner(value.MESSAGE, journal);
  const { jsonPayload, ...entry } = value;
  if (isObject(jsonPayload)) return { values: [{ ...entry, ...jsonPayload }], outer: container };
  if (isText(value.log) && (isText(value.stream) || isObject(value.kubernetes))) return inner(value.log, container);
  return undefined;
}

function inner(text: unknown, outer: Dialect): Unwrapped | undefined {
  const value = typeof text === 'string' ? parseObject(text.trim()) : undefined;
  return value === undefined ? undefined : { values: [value], outer };
}

/** https://opentelemetry.io/docs/specs/otel/protocol/file-exporter: one line holds many records. */
function otlpRecords(resourceLogs: readonly unknown[]): Fields[] {
  const records: Fields[] = [];
  for (const group of resourceLogs) {
    if (!isObject(group)) continue;
    const resource = isObject(group.resource) ? attributes(group.resource.attributes) : {};
    for (const scoped of listOf(group.scopeLogs ?? group.instrumentationLibraryLogs)) {
      const scope = isObject(scoped.scope) ? scoped.scope : {};
      for (const record of listOf(scoped.logRecords)) {
        const body = isObject(record.body) ? plain(record.body) : record.body;
        records.push({ ...record, body: body ?? null, attributes: attributes(record.attributes), resource, scope });
      }
    }
  }
  return records;
}

function listOf(value: unknown): Fields[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function attributes(list: unknown): Fields {
  const found: Record<string, unknown> = {};
  for (const { key, value } of listOf(list)) {
    if (typeof key === 'string' && isObject(value)) found[key] = plain(value);
  }
  return found;
}

/** An AnyValue of OTLP as what it stands for. */
function plain(value: Fields): unknown {
  const text = valueAt(value, 'stringValue') ?? value.intValue ?? value.doubleValue ?? value.boolValue;
  if (text !== undefined) return text;
  if (isObject(value.kvlistValue)) return attributes(value.kvlistValue.values);
  if (isObject(value.arrayValue)) return listOf(value.arrayValue.values).map(plain);
  return null;
}
