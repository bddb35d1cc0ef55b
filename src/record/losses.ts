/** Counts what a log lost: lines that could not be kept, and lines that went with a file which was removed. */
export class Losses {
  #notKept = 0;
  #gone = 0;
  #sinceFlush = 0;
  /** Lines written when the file was last seen in its place, and when it was last flushed for somebody. */
  #writtenAtLook = 0;
  #writtenAtFlush = 0;

  /** Lines lost that nobody was told of. */
  get untold(): number {
    return this.#notKept + this.#gone;
  }

  /** True from the first line that could not be kept on, until the losses are told: so that the gap is in one place. */
  get overflowing(): boolean {
    return this.#notKept > 0;
  }

  notKept(): void {
    this.#notKept++;
    this.#sinceFlush++;
  }

  /** The file is in its place, and `written` lines were written so far, here and elsewhere. */
  seen(written: number): void {
    this.#writtenAtLook = written;
  }

  /** The file is gone. What was written since it was last seen may be in it alone. */
  removed(written: number): void {
    const gone = written - this.#writtenAtLook;
    this.#gone += gone;
    // Of the others somebody has been told that they are in the log, and so they were.
    this.#sinceFlush += Math.min(gone, written - this.#writtenAtFlush);
  }

  /** Whether nothing was written or lost since the last flush. */
  idle(written: number): boolean {
    return this.#sinceFlush === 0 && written === this.#writtenAtFlush;
  }

  /** Begins a new flush; gives the lines lost since the last one. */
  flushed(written: number): number {
    const lost = this.#sinceFlush;
    this.#sinceFlush = 0;
    this.#writtenAtFlush = written;
    return lost;
  }

  /** The lines lost; from now on they are told. */
  told(): number {
    const lost = this.untold;
    this.#notKept = 0;
    this.#gone = 0;
    return lost;
  }
}
