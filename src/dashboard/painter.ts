/**
 * Between Ink and the terminal.
 *
 * Ink lays out, keeps the component tree and reads keys. What it would do with a row of styled text is what makes it
 * slow: it takes every escape sequence and every character apart, 40 ms for a frame of 160×50. So a row goes past it:
 * in Ink's tree one private-use character stands for a painted row of one pane, and here, where Ink's frame comes out,
 * the row takes its place. That frame is a few characters, and takes 1 to 4 ms whatever the size (bench/dashboard).
 *
 * Ink's own escape sequences end here, too, among them the one that clears the scrollback. Rows that did not change
 * are not written, and each is put where it belongs, so that a character whose width the terminal sees otherwise
 * harms its own row only.
 */

/** The private-use area; our own texts and those of others never get to Ink, so nothing else can be in its frame. */
const FIRST = 0xe000;
const COUNT = 0x1900;
const CELLS = /[\ue000-\uf8ff]/g;

const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';

interface Cell {
  readonly painted: string;
  readonly width: number;
}

export interface PainterTarget {
  write(text: string): unknown;
}

export class Painter {
  readonly #target: PainterTarget;
  readonly #cells = new Map<number, Cell>();
  readonly #codes = new Map<string, number>();
  #next = 0;
  #rows: readonly string[] = [];
  #last = '';
  #open = true;
  #clear = true;
  /** Frames written so far; those that changed nothing are not. */
  frames = 0;

  constructor(target: PainterTarget) {
    this.#target = target;
  }

  /** The character that stands for a painted row of `width` cells. The same row has the same one while it is shown. */
  cell(painted: string, width: number): string {
    const key = `${width} ${painted}`;
    const known = this.#codes.get(key);
    if (known !== undefined) return String.fromCharCode(FIRST + known);
    const code = this.#next;
    // Round and round: a code is used again only when far more rows were painted than any screen has.
    this.#next = (this.#next + 1) % COUNT;
    const old = this.#cells.get(code);
    if (old !== undefined) this.#codes.delete(`${old.width} ${old.painted}`);
    this.#cells.set(code, { painted, width });
    this.#codes.set(key, code);
    return String.fromCharCode(FIRST + code);
  }

  /** Takes what Ink writes. What has no cells in it (cursor, erasing) is dropped. */
  write(chunk: string): void {
    if (chunk.search(CELLS) < 0) return;
    this.#last = chunk;
    if (!this.#open) return;
    const rows: string[] = [];
    for (const line of chunk.split('\n')) {
      const cells = line.match(CELLS);
      if (cells !== null) rows.push(this.#row(cells, rows.length + 1));
    }
    this.#paint(rows);
  }

  /** The next frame is drawn from nothing: after a resize, or when something else wrote on the screen. */
  invalidate(): void {
    this.#rows = [];
    this.#clear = true;
  }

  /** From now on nothing is written. */
  close(): void {
    this.#open = false;
  }

  /** Paints the last frame again: Ink itself writes a frame only when it differs from the one before. */
  repeat(): void {
    this.write(this.#last);
  }

  reopen(): void {
    this.#open = true;
    this.invalidate();
  }

  #row(cells: readonly string[], row: number): string {
    let text = '';
    let column = 1;
    for (const char of cells) {
      const cell = this.#cells.get(char.charCodeAt(0) - FIRST);
      if (cell === undefined) continue;
      text += `\u001b[${row};${column}H${cell.painted}`;
      column += cell.width;
    }
    return text;
  }

  #paint(rows: readonly string[]): void {
    let out = this.#clear ? '\u001b[0m\u001b[2J' : '';
    this.#clear = false;
    for (const [index, row] of rows.entries()) if (row !== this.#rows[index]) out += row;
    if (rows.length < this.#rows.length) out += `\u001b[${rows.length + 1};1H\u001b[J`;
    this.#rows = rows;
    if (out === '') return;
    this.frames++;
    this.#target.write(BEGIN_FRAME + out + END_FRAME);
  }
}

/** Columns of Ink's frame: a cell for each pane that stands beside another. */
const INK_COLUMNS = 8;

/** `stdout` as Ink sees it: its writes go to `painter`, and its size is that of the tree of cells. */
export function inkStdout(stdout: NodeJS.WriteStream, painter: Painter): NodeJS.WriteStream {
  const write = (chunk: unknown, encoding?: unknown, callback?: unknown): boolean => {
    painter.write(String(chunk));
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') setImmediate(() => done());
    return true;
  };
  // Ink would draw the old picture once more when the size changes; ours comes with the new size.
  const listen =
    (method: 'on' | 'off') =>
    (event: string, listener: (...args: unknown[]) => void): void => {
      if (event !== 'resize') stdout[method](event, listener);
    };
  return new Proxy(stdout, {
    get(target, property) {
      if (property === 'write') return write;
      if (property === 'on' || property === 'off') return listen(property);
      if (property === 'columns') return INK_COLUMNS;
      // One more than there are: with as many rows as the terminal has, Ink would think that it must clear the screen.
      if (property === 'rows') return (target.rows || 24) + 2;
      const value: unknown = Reflect.get(target, property, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
