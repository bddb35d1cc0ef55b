/** Shows the records of a run as they come: lines for people, NDJSON for programs. */
import { safeJson } from '../../kernel/index.js';
import type { Log } from '../../record/index.js';
import type { Context } from '../context.js';
import { columnWidths } from './column-widths.js';
import { LineWriter } from './line-writer.js';
import { lineFormatter } from './record-line.js';
import type { RunSettings } from './settings.js';

/** Starts showing; the returned function stops it once all is shown. */
export function showRecords(context: Context, { scenario, options }: RunSettings, log: Log): () => void {
  const { out, ascii } = context;
  const writer = new LineWriter(out);
  const format = lineFormatter({ paint: out.paint, ascii, ...columnWidths(scenario) });
  const unwatch = log.observer.watch((record) => {
    const line = options.json === true ? safeJson(record) : format(record);
    if (line !== undefined) writer.push(line);
  });
  return () => {
    unwatch();
    writer.flush();
  };
}
