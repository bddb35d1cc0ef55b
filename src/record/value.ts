/** Values made fit for a record. */

// Half of a surrogate pair. JSON writers differ on it (Node 20's pino, Node 25's), UTF-8 cannot hold it.
const LONE_SURROGATES = /[\ud800-\udfff]/gu;

/** `text` as every Node version writes it and every reader gets it back. */
export function wellFormed(text: string): string {
  LONE_SURROGATES.lastIndex = 0;
  return LONE_SURROGATES.test(text) ? text.replace(LONE_SURROGATES, '\ufffd') : text;
}

/** Milliseconds above which thousandths are no longer kept. */
const LONG_MS = 1e12;

/** A duration for the log: at most three decimals, never negative. */
export function milliseconds(duration: number): number {
  if (duration > 0 && duration < LONG_MS) return Math.round(duration * 1_000) / 1_000;
  return duration >= LONG_MS && Number.isFinite(duration) ? Math.round(duration) : 0;
}

/** A copy of flat `fields` with well-formed texts. */
export function cleaned<T extends object>(fields: T): T {
  const copy = { ...fields };
  for (const key in copy) {
    const value = copy[key];
    if (typeof value === 'string') Object.assign(copy, { [key]: wellFormed(value) });
  }
  return copy;
}
