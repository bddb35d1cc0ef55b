/** What the torture tests print at the end, and what they leave behind. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { resolve } from 'node:path';
import type { Effort, Part, Tally } from './part.js';
import { parts } from './parts/index.js';

export interface Result {
  readonly part: Part;
  readonly tally: Tally;
  readonly seconds: number;
}

const HEAD = '| part | what must hold | tried | survived | lost | figures | when |\n|---|---|---:|---:|---:|---|---|';

/** A table for the terminal. */
export function describe(results: readonly Result[]): string {
  const rows = results.map(({ part, tally }) => [
    part.name,
    `${tally.tried} ${part.unit}`,
    String(tally.survived),
    String(tally.lost),
    tally.figures.map(([name, value]) => `${name} ${value}`).join(', '),
  ]);
  const table = [['part', 'tried', 'survived', 'lost', 'figures'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** Puts the rows of these parts into RESULTS.md; parts that did not run keep theirs. */
export function writeResults(results: readonly Result[], seed: number, effort: Effort): void {
  const file = resolve(import.meta.dirname, '../../../test/torture/RESULTS.md');
  const rows = new Map(existsSync(file) ? kept(readFileSync(file, 'utf8')) : []);
  const when = `${new Date().toISOString().slice(0, 10)}, ${effort}, seed ${seed}`;
  for (const { part, tally } of results) {
    const figures = tally.figures.map(([name, value]) => `${name} ${value}`).join('; ');
    const cells = [part.name, part.promise, `${tally.tried} ${part.unit}`, tally.survived, tally.lost, figures, when];
    rows.set(part.name, `| ${cells.join(' | ')} |`);
  }
  const table = parts.flatMap(({ name }) => rows.get(name) ?? []);
  const machine = `Node.js ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} processors`;
  writeFileSync(
    file,
    `# Torture: results\n\nMade by \`npm run torture\` (${machine}). What each part does stands at the top of its file in\n[parts](parts). The same run again: \`npm run torture -- --seed N\`.\n\n${HEAD}\n${table.join('\n')}\n`,
  );
}

function kept(text: string): [string, string][] {
  return text.split('\n').flatMap((line): [string, string][] => {
    const name = /^\| ([a-z-]+) \| .*\|$/.exec(line)?.[1];
    return name === undefined || name === 'part' ? [] : [[name, line]];
  });
}
