/** Whether figures rise. */
import { readFileSync } from 'node:fs';
import type { Sample } from './sampler.js';

export function readSamples(file: string): readonly Sample[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  // A program that was killed may have left half a line.
  return lines.filter((line) => line.endsWith('}')).map((line): Sample => JSON.parse(line));
}

/**
 * The least of each `width` of x, at its middle: what is held for a moment (answers that a slow reader has not taken) is
 * left out, what is held for good is not.
 */
export function floors(points: readonly (readonly [x: number, y: number])[], width: number): [x: number, y: number][] {
  const least = new Map<number, number>();
  for (const [x, y] of points) {
    const window = Math.floor(x / width);
    least.set(window, Math.min(y, least.get(window) ?? y));
  }
  return [...least].map(([window, y]) => [(window + 0.5) * width, y]);
}

/**
 * The median of the slopes between all pairs of points (Theil and Sen), in units of y for one of x: a few samples taken
 * at an odd moment do not move it.
 */
export function slope(points: readonly (readonly [x: number, y: number])[]): number {
  const slopes: number[] = [];
  for (const [index, [x, y]] of points.entries()) {
    for (const [laterX, laterY] of points.slice(index + 1)) slopes.push((laterY - y) / (laterX - x));
  }
  return median(slopes);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? 0;
}
