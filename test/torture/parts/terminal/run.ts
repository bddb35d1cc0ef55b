/** Draws the texts, shows them everywhere, and looks at what was written. */
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { bundle } from '../../bundle.mjs';
import type { PartContext, Tally } from '../../part.js';
import { Programs, type Shown } from './programs.js';
import { shownOf } from './sinks.js';
import { hostileTexts, leak, SEEN } from './strings.js';

/** Texts; of them, rounds of the program with many at once, and texts that it gets as arguments. */
const COUNTS = {
  short: { texts: 300, rounds: 1, arguments: 1 },
  full: { texts: 10_000, rounds: 12, arguments: 24 },
  long: { texts: 200_000, rounds: 200, arguments: 300 },
};
/** In one log, trace, frame. */
const AT_ONCE = 20;
const MAX_FAILURES = 60;

export async function run(context: PartContext): Promise<Tally> {
  const bench = new Bench();
  const counts = COUNTS[context.effort];
  const texts = fc.sample(hostileTexts, { seed: context.seed, numRuns: counts.texts });
  const dashboard = await loadDashboard();
  for (let at = 0; at < texts.length && !context.signal.aborted; at += AT_ONCE) {
    const some = texts.slice(at, at + AT_ONCE);
    const nth = at / AT_ONCE;
    bench.look(await shownOf(some, nth % 2 === 0 ? 100 : 60 + (nth % 90), nth % 3 === 0), some);
    const { drawn, said } = dashboard.viewOf(some, nth);
    bench.look([[`dashboard, view ${nth % dashboard.VIEWS}`, drawn]], some, true);
    bench.look([['screen reader', said]], some);
    bench.tried += some.length;
    context.progress(at, texts.length);
  }
  await throughPrograms(context, bench, texts);
  return bench.tally();
}

async function throughPrograms(context: PartContext, bench: Bench, texts: readonly string[]): Promise<void> {
  const programs = new Programs(context);
  const { rounds, arguments: asArguments } = COUNTS[context.effort];
  bench.look(await programs.fixed(), []);
  for (let round = 0; round < rounds && !context.signal.aborted; round++) {
    const some = texts.slice(round * AT_ONCE, (round + 1) * AT_ONCE);
    bench.look(await programs.reading(some, round % 2 === 0), some);
    bench.look(await programs.running(some, round % 2 === 0), some);
    bench.look(await programs.dashboard(some), some, true);
  }
  for (const text of texts.slice(0, asArguments))
    bench.look(await programs.mistaken(text, text.length % 2 === 0), [text]);
}

/** A bundle of its own: React is loaded for it alone, as the product loads it. */
async function loadDashboard(): Promise<typeof import('./dashboard.js')> {
  return import(pathToFileURL(await bundle('parts/terminal/dashboard.ts')).href);
}

class Bench {
  tried = 0;
  #outputs = 0;
  #bytes = 0;
  readonly #failed = new Set<string>();
  readonly #failures: string[] = [];
  readonly #sinks = new Map<string, boolean>();

  /** @param screen what a program wrote that has the whole screen. */
  look(shown: Shown, texts: readonly string[], screen = false): void {
    for (const [sink, output] of shown) {
      this.#outputs++;
      this.#bytes += output.length;
      if (texts.length > 0) this.#sinks.set(sink, this.#sinks.get(sink) === true || output.includes(SEEN));
      // In a table or a page a cell may have several lines.
      const cells = /\b(?:csv|html)\b/.test(sink);
      const found = leak(output, { screen, lines: !screen && !cells });
      if (found === undefined) continue;
      for (const text of texts) this.#failed.add(text);
      if (this.#failures.length < MAX_FAILURES) this.#failures.push(`${sink}: ${found}`);
    }
  }

  tally(): Tally {
    const seeing = [...this.#sinks.values()].filter((seen) => seen).length;
    return {
      tried: this.tried,
      survived: this.tried - this.#failed.size,
      lost: 0,
      figures: [
        // Some name what is wrong without repeating it.
        ['sinks that showed them', `${seeing} of ${this.#sinks.size}`],
        ['outputs looked at', this.#outputs.toLocaleString('en')],
        ['megabytes', (this.#bytes / 1e6).toFixed(1)],
      ],
      failures: this.#failures,
    };
  }
}
