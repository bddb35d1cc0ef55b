/** "Did you mean": the nearest of the known words. */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `word`, or `undefined` where none is near: at most a third of its letters, and at least one, may differ. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const away = distance(lower, candidate.toLowerCase());
    if (away < bestDistance) {
      best = candidate;
      bestDistance = away;
    }
  }
  return best;
}
