/** "Did you mean": the nearest of the known words. */
import { distance } from 'fastest-levenshtein';

/** The candidate nearest to `word`, or `undefined` where none is near: at most a third of its letters, and at least one, may differ. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const away = steps(lower, candidate.toLowerCase());
    if (away < bestDistance) {
      best = candidate;
      bestDistance = away;
    }
  }
  return best;
}

/** Levenshtein's distance, where letters in another order are one slip, as fingers make it. */
function steps(word: string, candidate: string): number {
  const away = distance(word, candidate);
  return away === 2 && sorted(word) === sorted(candidate) ? 1 : away;
}

function sorted(word: string): string {
  return [...word].sort().join('');
}
