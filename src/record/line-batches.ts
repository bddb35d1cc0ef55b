/** The log's lines where there is no file: collected, and given once a turn of the event loop. */

/** Characters that do not wait for the end of the turn. */
const BATCH_LENGTH = 64 * 1024;

export class LineBatches {
  #give: (lines: string) => void;
  #text = '';
  #scheduled = false;
  readonly #endOfTurn = () => {
    this.#scheduled = false;
    this.flush();
  };

  constructor(give: (lines: string) => void) {
    this.#give = give;
  }

  /** Takes one line, with its line break. */
  write(line: string): void {
    this.#text += line;
    if (this.#text.length >= BATCH_LENGTH) return this.flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#endOfTurn);
  }

  /** Gives what was collected so far. Never throws. */
  flush(): void {
    const lines = this.#text;
    if (lines === '') return;
    this.#text = '';
    try {
      this.#give(lines);
    } catch {
      // An observer that failed: the log goes on.
    }
  }

  /** Gives what is left; nothing follows. */
  close(): void {
    this.flush();
    this.#give = () => {};
  }
}
