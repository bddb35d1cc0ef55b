/** The log: one schema, what writes it and what reads it. */
export { type DestinationOptions, LogDestination } from './destination.js';
export { FILTER_FIELDS, type Filter, NO_FILTER, parseFilter, recordTest, traceFilter } from './filter.js';
export { classify, type ParsedLine, parseLine } from './line.js';
export { hashText } from './names.js';
export { defaultLogFile, type Log, type LogOptions, openLog } from './open-log.js';
export { type PayloadReader, payloadReader } from './payload.js';
export { type LineWriter, PinoSink } from './pino-sink.js';
export { createRecorder, type Recorder, type RecorderOptions, type Watcher } from './recorder.js';
export { LineScanner, type ScannedKind } from './scan.js';
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
