/** The formats that open elsewhere. To add one: its file, and a line here. Each is loaded when it is asked for. */
import { type FoldOptions, folds, foldTrace } from '../fold.js';
import type { Trace } from '../forest.js';
import { type Exporter, exportSource } from './exporter.js';

const EXPORTERS = {
  csv: async () => (await import('./csv.js')).toCsv,
  html: async () => (await import('./html.js')).toHtml,
  mermaid: async () => (await import('./mermaid.js')).toMermaid,
  otlp: async () => (await import('./otlp.js')).toOtlp,
  perfetto: async () => (await import('./perfetto.js')).toPerfetto,
} as const satisfies Readonly<Record<string, () => Promise<Exporter>>>;

/** Pages render no Mermaid diagram that is longer, unless they are set up to. */
export const MERMAID_MAX_CHARACTERS = 50_000;

export type ExportFormat = keyof typeof EXPORTERS;

export function isExportFormat(word: string): word is ExportFormat {
  return Object.hasOwn(EXPORTERS, word);
}

/**
 * Traces as the text of a file: `csv` (one line for each event and delivery), `html` (a page of its own), `mermaid` (a
 * sequence diagram), `otlp` (OTLP/JSON for a collector), `perfetto` (Chrome trace events). The same traces give the same text.
 */
export async function exportTraces(
  format: ExportFormat,
  traces: readonly Trace[],
  fold: FoldOptions = {},
): Promise<string> {
  const write = await EXPORTERS[format]();
  return write(traces.map((trace) => exportSource(trace, folds(fold) ? foldTrace(trace, fold) : undefined)));
}
