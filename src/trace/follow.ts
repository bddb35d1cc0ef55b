/** The lines of one request as they come. */
import type { LogRecord } from '../record/index.js';
import { decodeLine } from './read/decode.js';
import { Needle } from './read/needle.js';
import type { LinePlace } from './read/search-part.js';
import type { TimelineEntry } from './timeline.js';
import { TimelineBuilder } from './timeline-builder.js';
import { isTraceRecord } from './trace-records.js';

export type TraceLine =
  | { readonly kind: 'record'; readonly record: LogRecord }
  /** A line of another program. */
  | { readonly kind: 'entry'; readonly entry: TimelineEntry };

/**
 * Tells what a line of a log has to do with the request `traceId`: mostly nothing. Lines that do not hold its bytes are
 * not parsed.
 * @param field path of the field that holds the id; default: the usual ones
 */
export function traceLineReader(
  traceId: string,
  field?: string,
): (line: Buffer, place: LinePlace) => readonly TraceLine[] {
  const needle = new Needle(traceId);
  const timeline = new TimelineBuilder(traceId, field);
  return (line, place) => {
    if (needle.next(line, 0) === -1) return [];
    const decoded = decodeLine(line);
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') {
      const { record } = decoded;
      if (field !== undefined && field !== 'trace_id') {
        return entriesOf(timeline.read({ value: record, prefix: undefined, outer: undefined }, place));
      }
      return isTraceRecord(record) && record.trace_id === traceId ? [{ kind: 'record', record }] : [];
    }
    return decoded.kind === 'foreign' ? decoded.lines.flatMap((each) => entriesOf(timeline.read(each, place))) : [];
  };
}

function entriesOf(entry: TimelineEntry | undefined): readonly TraceLine[] {
  return entry === undefined ? [] : [{ kind: 'entry', entry }];
}
