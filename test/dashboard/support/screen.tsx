/** A model as it looks on a terminal: through Ink, the painter and a real terminal emulator. */
import './react.js';
import xterm from '@xterm/headless';
import { renderToString } from 'ink';
import type { DashboardSource, ExpectationView } from '../../../src/dashboard/door.js';
import { initialModel, KNOWN_NOTHING, type Known, type Message, type Model } from '../../../src/dashboard/model.js';
import { Painter } from '../../../src/dashboard/painter.js';
import { makeTheme } from '../../../src/dashboard/text/theme.js';
import { update } from '../../../src/dashboard/update.js';
import { Screen } from '../../../src/dashboard/views/Screen.js';
import type { LogRecord } from '../../../src/record/index.js';
import { START } from './records.js';
import { World, type WorldOptions } from './world.js';

export interface ModelOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly source?: DashboardSource['kind'];
  readonly known?: Known;
  readonly abilities?: boolean;
}

export function emptyModel({
  columns = 80,
  rows = 24,
  source = 'live',
  known = KNOWN_NOTHING,
  abilities = true,
}: ModelOptions = {}): Model {
  const header = {
    title: 'Index a repository',
    session: 'k3q9x2m1a',
    clock: 'real',
    speed: 1,
    seed: 42,
    started: START,
    log: undefined,
  } as const;
  const all = { publish: abilities, pauseBus: abilities, setSpeed: abilities, fault: abilities };
  return initialModel({ kind: source, header }, all, known, { columns, rows }, START);
}

/** A payload that is asked for is known to nobody. */
export function send(model: Model, ...messages: readonly Message[]): Model {
  return messages.reduce((now, message) => {
    const { model: next, effects } = update(now, message);
    return send(
      next,
      ...effects.flatMap((effect): Message[] =>
        effect.kind === 'fetch' ? [{ kind: 'fetched', purpose: effect.purpose, payload: undefined }] : [],
      ),
    );
  }, model);
}

/** Keys as a person presses them, by their names; a text of several characters is typed. */
export function press(model: Model, ...keys: readonly string[]): Model {
  return send(
    model,
    ...keys.map((key): Message => (isNamed(key) ? { kind: 'key', key } : { kind: 'text', text: key })),
  );
}

function isNamed(key: string): boolean {
  return /^(?:enter|esc|tab|shift-tab|up|down|left|right|home|end|pgup|pgdn|backspace|ctrl-.)$/.test(key);
}

export function feed(model: Model, records: readonly LogRecord[]): Model {
  return send(model, { kind: 'records', batch: records, dropped: 0 });
}

export function tick(model: Model, ms: number, expectations: readonly ExpectationView[] = [], finished = false): Model {
  return send(model, { kind: 'tick', now: START + ms, finished, expectations });
}

/** The made-up system after `ms`. */
export function lived(
  ms: number,
  options: WorldOptions & ModelOptions & { readonly expectations?: readonly ExpectationView[] } = {},
): Model {
  const world = new World(options).run(ms);
  return tick(feed(emptyModel(options), world.pen.records), ms, options.expectations);
}

/** What the dashboard writes to a terminal to show `model`. */
export function bytesOf(
  model: Model,
  look: { readonly colors?: 'none' | 'basic' | 'rich'; readonly ascii?: boolean } = {},
): string {
  let written = '';
  const painter = new Painter({
    write: (text) => {
      written += text;
    },
  });
  const ui = {
    theme: makeTheme(look.colors ?? 'none', look.ascii ?? false),
    block: (rows: readonly string[], width: number) => painter.block(rows, width),
  };
  painter.write(renderToString(<Screen ui={ui} model={model} />, { columns: 8 }));
  return written;
}

/** The rows of the terminal, without what is blank at their ends. */
export async function frameOf(model: Model, look: Parameters<typeof bytesOf>[1] = {}): Promise<string[]> {
  const terminal = new xterm.Terminal({ cols: model.columns, rows: model.rows, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(`\u001b[?7l${bytesOf(model, look)}`, resolve));
  const rows = Array.from({ length: model.rows }, (_, row) =>
    (terminal.buffer.active.getLine(row)?.translateToString(true) ?? '').trimEnd(),
  );
  terminal.dispose();
  return rows;
}
