/** Writes lines once a turn of the event loop: at thousands of records a second a write for each would be the work. */
import type { Output } from '../output.js';

export class LineWriter {
  readonly #out: Output;
  #lines: string[] = [];

  constructor(out: Output) {
    this.#out = out;
  }

  push(line: string): void {
    if (this.#lines.push(line) === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    if (this.#lines.length === 0) return;
    const lines = this.#lines;
    this.#lines = [];
    this.#out.write(`${lines.join('\n')}\n`);
  }
}
