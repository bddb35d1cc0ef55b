/** Where a command writes: data on stdout, notices on stderr. */
import { safeJson } from '../kernel/index.js';
import { type ColorMode, type Paint, painter, usesColor } from './paint.js';

/** The part of a stream that a command needs. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Width where there is no terminal to ask. */
const DEFAULT_COLUMNS = 100;

export class Output {
  readonly isTerminal: boolean;
  readonly color: boolean;
  readonly paint: Paint;
  readonly #sink: Sink;
  readonly #env: NodeJS.ProcessEnv;

  constructor(sink: Sink, mode: ColorMode, env: NodeJS.ProcessEnv) {
    this.#sink = sink;
    this.#env = env;
    this.isTerminal = sink.isTTY === true;
    this.color = usesColor(mode, this.isTerminal, env);
    this.paint = painter(this.color);
  }

  /** Cells in a row: the terminal's, else `COLUMNS`, else 100. */
  get columns(): number {
    const fromEnv = Number(this.#env.COLUMNS);
    // A terminal that nobody gave a size says 0.
    return this.#sink.columns || (Number.isInteger(fromEnv) && fromEnv > 0 ? fromEnv : DEFAULT_COLUMNS);
  }

  /** Writes as it is: untrusted parts of `text` must have gone through `safe()`. */
  write(text: string): void {
    this.#sink.write(text);
  }

  line(text = ''): void {
    this.#sink.write(`${text}\n`);
  }

  /** One JSON value and a line break; indented where a person reads it. */
  json(value: unknown): void {
    this.line(safeJson(value, this.isTerminal ? 2 : undefined));
  }
}
