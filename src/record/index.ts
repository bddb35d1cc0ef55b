/** The log: one schema, what writes it and what reads it. */
export { classify, type ParsedLine, parseLine } from './line.js';
export {
  isRecordKind,
  LEVELS,
  type Level,
  type LogRecord,
  RECORD_LEVELS,
  type RecordFields,
  type RecordKind,
  type RecordOf,
} from './schema.js';
