/**
 * Between Ink and the terminal.
 *
 * Ink lays out, keeps the component tree and reads keys. What it would do with rows of styled text is what makes it slow:
 * it takes every escape sequence and every character apart, 40 ms for a frame of 160×50. So rows go past it: in Ink's
 * tree one private-use character, in a box of as many rows, stands for all painted rows of one pane, and here, where
 * Ink's frame comes out, they take its place. That frame is a few characters (bench/dashboard).
 *
 * Ink's own escape sequences end here, too, among them the one that clears the scrollback. What did not change is not
 * written, and each row of a pane is put where it belongs, so that a character whose width the terminal sees otherwise
 * harms nothing but its own row.
 */

/** The private-use area; our own texts and those of others never get to Ink, so nothing else can be in its frame. */
const FIRST = 0xe000;
/** Blocks that are remembered: far more than there are panes. */
const COUNT = 256;
const BLOCKS = /[\ue000-\ue0ff]/g;

const BEGIN_FRAME = '\u001b[?2026h';
const END_FRAME = '\u001b[?2026l';

interface Block {
  readonly key: string;
  readonly rows: readonly string[];
  readonly width: number;
}

/** A part of a row of the screen. */
interface Part {
  /** 1 for the first. */
  readonly column: number;
  readonly painted: string;
}

export interface PainterTarget {
  write(text: string): unknown;
}

export class Painter {
  readonly #target: PainterTarget;
  readonly #blocks = new Map<number, Block>();
  readonly #codes = new Map<string, number>();
  #next = 0;
  #rows: readonly (readonly Part[])[] = [];
  #last = '';
  #open = true;
  #clear = true;
  /** Frames written so far; those that changed nothing are not. */
  frames = 0;

  constructor(target: PainterTarget) {
    this.#target = target;
  }

  /**
   * The character that stands for painted rows, each of `width` cells; it must be in a box of as many rows. The same
   * rows have the same one while they are shown.
   */
  block(rows: readonly string[], width: number): string {
    const key = `${width}\n${rows.join('\n')}`;
    const known = this.#codes.get(key);
    if (known !== undefined) return String.fromCharCode(FIRST + known);
    const code = this.#next;
    // Round and round.
    this.#next = (this.#next + 1) % COUNT;
    const old = this.#blocks.get(code);
    if (old !== undefined) this.#codes.delete(old.key);
    this.#blocks.set(code, { key, rows, width });
    this.#codes.set(key, code);
    return String.fromCharCode(FIRST + code);
  }

  /** Takes what Ink writes. What has no blocks in it (cursor, erasing) is dropped. */
  write(chunk: string): void {
    if (chunk.search(BLOCKS) < 0) return;
    this.#last = chunk;
    if (this.#open) this.#paint(this.#place(chunk));
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

  /** The rows of the screen. A block begins behind all that stand further left in Ink's frame and reach its row. */
  #place(chunk: string): readonly (readonly Part[])[] {
    const rows: Part[][] = [];
    const placed: { readonly x: number; readonly end: number; readonly width: number }[] = [];
    for (const [y, line] of chunk.split('\n').entries()) {
      for (const match of line.matchAll(BLOCKS)) {
        const block = this.#blocks.get(match[0].charCodeAt(0) - FIRST);
        if (block === undefined) continue;
        const x = match.index;
        const left = placed.filter((other) => other.x < x && other.end > y);
        const column = left.reduce((sum, { width }) => sum + width, 1);
        placed.push({ x, end: y + block.rows.length, width: block.width });
        for (const [index, painted] of block.rows.entries()) {
          rows[y + index] ??= [];
          rows[y + index]?.push({ column, painted });
        }
      }
    }
    return Array.from(rows, (parts) => (parts ?? []).sort((a, b) => a.column - b.column));
  }

  #paint(rows: readonly (readonly Part[])[]): void {
    let out = this.#clear ? '\u001b[0m\u001b[2J' : '';
    this.#clear = false;
    for (const [index, parts] of rows.entries()) {
      const before = this.#rows[index] ?? [];
      const same = parts.findIndex((part, at) => !isSame(part, before[at]));
      // What stands to the right of a change is written, too: a character may have been wider than we know.
      const from = same < 0 && parts.length === before.length ? parts.length : Math.max(0, same);
      for (const { column, painted } of parts.slice(from)) out += `\u001b[${index + 1};${column}H${painted}`;
    }
    if (rows.length < this.#rows.length) out += `\u001b[${rows.length + 1};1H\u001b[J`;
    this.#rows = rows;
    if (out === '') return;
    this.frames++;
    this.#target.write(BEGIN_FRAME + out + END_FRAME);
  }
}

function isSame(part: Part, other: Part | undefined): boolean {
  return other !== undefined && part.column === other.column && part.painted === other.painted;
}

/** Columns of Ink's frame: one for each pane that stands beside another. */
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
