/** A timeline as JSON. The shape is stable: keys are added, never renamed or removed. */
import { isoTime } from './time.js';
import type { Timeline, TimelineLevel } from './timeline.js';

export interface TimelineJson {
  readonly trace_id: string;
  /** Told apart from a trace by it. */
  readonly kind: 'timeline';
  readonly id_fields: readonly string[];
  /** ISO 8601; `null` where no line tells a time. */
  readonly started: string | null;
  /** From the first line to the last. */
  readonly duration_ms: number;
  /** Lines of level error or fatal, or with an error of their own. */
  readonly errors: number;
  readonly lines: readonly TimelineLineJson[];
  /** Later lines that were left out. */
  readonly left_out: number;
}

export interface TimelineLineJson {
  /** ISO 8601, UTC; `null` where the line tells none. */
  readonly timestamp: string | null;
  readonly offset_ms: number | null;
  readonly level: TimelineLevel | null;
  readonly service: string | null;
  readonly message: string | null;
  readonly error: string | null;
  readonly duration_ms: number | null;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly file: string;
  readonly line: number | null;
  readonly byte_offset: number;
}

export function timelineJson({ traceId, idFields, entries, leftOut }: Timeline): TimelineJson {
  const times = entries.flatMap(({ time }) => time ?? []);
  const start = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
  const end = times.reduce((most, time) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  return {
    trace_id: traceId,
    kind: 'timeline',
    id_fields: idFields,
    started: times.length === 0 ? null : isoTime(start),
    duration_ms: times.length === 0 ? 0 : rounded(end - start),
    errors: entries.filter(({ level, error }) => level === 'error' || level === 'fatal' || error !== undefined).length,
    lines: entries.map(({ time, level, service, message, error, durationMs, fields, file, line, offset }) => ({
      timestamp: time === undefined ? null : isoTime(time),
      offset_ms: time === undefined ? null : rounded(time - start),
      level: level ?? null,
      service: service ?? null,
      message: message ?? null,
      error: error ?? null,
      duration_ms: durationMs ?? null,
      fields,
      file,
      line: line ?? null,
      byte_offset: offset,
    })),
    left_out: leftOut,
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
