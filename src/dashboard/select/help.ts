/** The `?` help as rows: the key table, each sentence in as many rows as it takes, then what the columns mean. */
import { BINDINGS, type Binding, type KeyName } from '../keys.js';
import { innerSize, layoutOf } from '../layout.js';
import type { Model } from '../model.js';

export interface HelpRow {
  readonly keys: readonly KeyName[];
  /** Where the keys hold; empty for everywhere. */
  readonly where: string;
  readonly text: string;
  /** A row of its own, without keys. */
  readonly note: boolean;
}

/** Cells of the columns before the sentences. */
export const KEYS_WIDTH = 12;
export const WHERE_WIDTH = 11;

const WHERE: Partial<Readonly<Record<Binding['place'], string>>> = {
  log: 'log',
  traces: 'traces',
  subscribers: 'subscribers',
  trace: 'open trace',
  'log file': 'log file',
};

const NOTES = [
  'fly: deliveries running   queue: waiting   p50 p95 p99: of the last 256 attempts   trend: a bar for each of the last seconds',
  "Times are UTC and the scenario's own: at speed 10 they pass ten times as fast.",
];

/** The rows for an open help, and the first of them that is shown. */
export function helpOf(model: Model): {
  readonly rows: readonly HelpRow[];
  readonly top: number;
  readonly last: number;
} {
  const { body, boxed } = layoutOf(model);
  const inner = innerSize({ width: model.columns, height: body, boxed });
  const rows = [...BINDINGS.flatMap((binding) => keyRows(binding, inner.width)), ...notes(inner.width)];
  const last = Math.max(0, rows.length - inner.height);
  return { rows, top: model.overlay.kind === 'help' ? Math.min(model.overlay.top, last) : 0, last };
}

function keyRows({ keys, place, help }: Binding, width: number): readonly HelpRow[] {
  const texts = wrapWords(help.replaceAll('`', ''), width - KEYS_WIDTH - WHERE_WIDTH - 2);
  return texts.map((text, index) =>
    index === 0 ? { keys, where: WHERE[place] ?? '', text, note: false } : { keys: [], where: '', text, note: false },
  );
}

function notes(width: number): readonly HelpRow[] {
  return ['', ...NOTES.flatMap((note) => wrapWords(note, width))].map((text) => ({
    keys: [],
    where: '',
    text,
    note: true,
  }));
}

/** ASCII text, cut at blanks. */
function wrapWords(text: string, width: number): readonly string[] {
  const rows: string[] = [];
  for (const word of text.split(' ')) {
    const row = rows.at(-1);
    if (row === undefined || row.length + 1 + word.length > width) rows.push(word);
    else rows[rows.length - 1] = `${row} ${word}`;
  }
  return rows;
}
