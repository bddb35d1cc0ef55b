/** Which records `tail` shows. */
import { matcher } from '../../bus/index.js';
import { LEVELS, type Level, type LogRecord, parseFilter, recordTest } from '../../record/index.js';

export interface RecordChoice {
  readonly level?: Level;
  /** Event type or pattern. */
  readonly type?: string;
  readonly service?: string;
  readonly source?: string;
  readonly trace?: string;
  /** In the words of the dashboard's filter: `trace:req-7 level:error disk`. */
  readonly filter?: string;
}

/**
 * True for records that fit all that is asked for; a record that lacks a key which is asked for does not.
 * @throws CfBusError `INVALID_PATTERN`
 */
export function recordFilter({
  level,
  type,
  service,
  source,
  trace,
  filter,
}: RecordChoice): (record: LogRecord) => boolean {
  const tests: ((record: LogRecord) => boolean)[] = [];
  if (level !== undefined) {
    const least = LEVELS.indexOf(level);
    tests.push((record) => LEVELS.indexOf(record.level) >= least);
  }
  if (type !== undefined) {
    const matches = matcher(type);
    tests.push((record) => typeof record.event_type === 'string' && matches(record.event_type));
  }
  if (service !== undefined) tests.push((record) => record.service === service);
  if (source !== undefined) tests.push((record) => record.source === source);
  if (trace !== undefined) tests.push((record) => record.trace_id === trace);
  if (filter !== undefined) tests.push(recordTest(parseFilter(filter)));
  return (record) => tests.every((test) => test(record));
}
