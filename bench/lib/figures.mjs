/** Figures and how they are written. */

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Of sorted values. */
export function percentile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

/** Half of the rounds lie within so many per cent of each other: how far to trust a median. */
export function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (percentile(sorted, 0.75) - percentile(sorted, 0.25)) / median(sorted);
}

export const count = (value) => Math.round(value).toLocaleString('en-US');
export const percent = (share) => `${Math.round(share * 100)}%`;
export const times = (ratio) => `${ratio.toFixed(ratio < 10 ? 1 : 0)}×`;
export const microseconds = (us) => `${us < 10 ? us.toFixed(2) : us < 100 ? us.toFixed(1) : count(us)} µs`;

/** `7×, met` */
export function judged(value, target, write = times, atLeast = true) {
  if (target === undefined) return '';
  const met = atLeast ? value >= target : value <= target;
  return `${atLeast ? '≥' : '≤'} ${write(target)} ${met ? 'met' : 'MISSED'}`;
}
