/**
 * Property tests draw the same cases at every run, so that a change is judged by what it changes. `FC_SEED=random npm test`
 * (or a number) draws others; a failure prints the seed that shows it again.
 */
import fc from 'fast-check';

const DEFAULT_SEED = 20_261_123;
const asked = process.env.FC_SEED;

if (asked !== 'random') {
  const seed = asked === undefined ? DEFAULT_SEED : Number(asked);
  if (!Number.isSafeInteger(seed)) throw new Error(`FC_SEED must be a whole number or "random", not "${asked}"`);
  fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
}
