/** Notices of a run: at once on stderr, or, while a dashboard has the screen, once it has given it back. */
import type { Output } from '../output.js';
import type { Style } from '../paint.js';

export type Notify = (style: Style, text: string) => void;

export class Notices {
  readonly #out: Output;
  #held: string[] | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** `text` must be safe already. */
  readonly notify: Notify = (style, text) => {
    const line = this.#out.paint(style, text);
    if (this.#held === undefined) this.#out.line(line);
    else this.#held.push(line);
  };

  hold(): void {
    this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const line of held) this.#out.line(line);
  }
}
