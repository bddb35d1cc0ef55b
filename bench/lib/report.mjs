/**
 * What a benchmark says. On its own it prints tables for a person; under `npm run bench` (CF_BUS_BENCH=lines) each table is
 * one line of JSON, from which bench/RESULTS.md is made: {title, columns, rows, notes}, all of them text.
 */
const asLines = process.env.CF_BUS_BENCH === 'lines';

/** @param {{ title: string, columns: string[], rows: string[][], notes?: string[] }} table the first column names things */
export function report({ title, columns, rows, notes = [] }) {
  if (asLines) {
    console.log(JSON.stringify({ title, columns, rows, notes }));
    return;
  }
  const lines = [columns, ...rows];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  console.log(`\n${title}\n`);
  for (const line of lines) {
    console.log(line.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '));
  }
  for (const note of notes) console.log(`\n${note}`);
}

/** The table of such a line; undefined where a benchmark printed something else. */
export function parseTable(line) {
  if (!line.startsWith('{"title":')) return undefined;
  try {
    const { title, columns, rows, notes } = JSON.parse(line);
    return { title, columns, rows, notes };
  } catch {
    return undefined;
  }
}
