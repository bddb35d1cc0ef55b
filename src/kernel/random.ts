/** Randomness is a port, too: seeded, and forked by name so that one consumer never changes what another draws. */
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** A number from 0 (included) to 1 (left out), of 53 bits. */
  next(): number;
  /** A generator that depends on this one's seed and on `name` alone, never on what was drawn before. */
  fork(name: string): Random;
}

/** A generator for `seed`, a whole number; equal seeds give equal numbers on every machine and Node version. */
export function seededRandom(seed: number): Random {
  return fromHash(hashText(`seed:${seed}`));
}

function fromHash(seed: number): Random {
  const generator = xoroshiro128plus(seed);
  return {
    next: () => uniformFloat64(generator),
    fork: (name) => fromHash(hashText(`${seed}/${name}`)),
  };
}

/** FNV-1a, 32 bit (http://www.isthe.com/chongo/tech/comp/fnv/), over UTF-16 units, with a final avalanche (murmur3's). */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) | 0;
}

/** A seed drawn from the machine, six digits so that people can read it out: 0 to 999999. */
export function chooseSeed(): number {
  return Math.floor(Math.random() * 1_000_000);
}

/** The machine's own randomness, where nothing needs to be repeatable. */
export function unseededRandom(): number {
  return Math.random();
}
