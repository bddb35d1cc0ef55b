/** What a log holds of its events. */
import { readFileSync } from 'node:fs';
import { parseLine } from '../../../../src/record/index.js';

/** A key of each published event, as JSON, by the event's id. */
export function published(log: string, key: 'payload' | 'trace_id' = 'payload'): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const parsed = parseLine(line);
    if (parsed.kind !== 'record' || parsed.record.event !== 'event_published') continue;
    found.set(parsed.record.event_id, JSON.stringify(parsed.record[key]));
  }
  return found;
}
