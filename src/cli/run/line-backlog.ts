/** The log's lines from the first on, for a dashboard that opens a moment later. */
import type { LineSink } from '../../dashboard/index.js';

/** Characters that may wait; what comes then is left out and counted. */
const MOST = 16 * 1024 * 1024;

export class LineBacklog {
  #waiting: string[] = [];
  #length = 0;
  #leftOut = 0;
  #take: LineSink = (lines) => this.#keep(lines);

  /** Takes whole lines, each with its line break. */
  readonly add = (lines: string): void => this.#take(lines, 0);

  /** Gives `take` what waits, then what comes; the returned function ends that, and nothing is kept any more. */
  follow(take: LineSink): () => void {
    for (const lines of this.#waiting) take(lines, 0);
    if (this.#leftOut > 0) take('', this.#leftOut);
    this.#waiting = [];
    this.#take = take;
    return () => this.close();
  }

  close(): void {
    this.#waiting = [];
    this.#take = () => {};
  }

  #keep(lines: string): void {
    if (this.#length + lines.length > MOST) {
      for (let at = lines.indexOf('\n'); at >= 0; at = lines.indexOf('\n', at + 1)) this.#leftOut++;
      return;
    }
    this.#length += lines.length;
    this.#waiting.push(lines);
  }
}
