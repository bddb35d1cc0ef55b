/** What was seen of an expectation, less what its label says already: its subject, and what was expected of it. */
import type { ExpectationView } from '../door.js';

/** `p99 below 10ms` and `p99 is 20ms, expected below 10ms` give `is 20ms`. */
export function evidence({ label, detail }: ExpectationView): string {
  const subject = label.split(' ').find((word) => word !== '' && detail.startsWith(`${word} `));
  const said = subject === undefined ? detail : detail.slice(subject.length + 1);
  const bound = said.lastIndexOf(', expected ');
  return bound > 0 ? said.slice(0, bound) : said;
}

/** Label and evidence. */
export function expectationText(view: ExpectationView): string {
  const seen = evidence(view);
  return seen === '' ? view.label : `${view.label} - ${seen}`;
}
