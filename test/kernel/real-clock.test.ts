import { expect, test } from 'vitest';
import { realClock } from '../../src/kernel/index.js';

/** Milliseconds that two clocks may disagree by. */
const PRECISION = 0.01;

test('the machine’s time never goes back, and passes as fast as any other clock’s, from the first call on', () => {
  const before = performance.now();
  const first = realClock.now();
  const after = performance.now();
  let last = first;
  for (let call = 0; call < 1_000; call++) {
    const earliest = performance.now() - after;
    const now = realClock.now();
    const latest = performance.now() - before;
    expect(now).toBeGreaterThanOrEqual(last);
    expect(now - first).toBeGreaterThanOrEqual(earliest - PRECISION);
    expect(now - first).toBeLessThanOrEqual(latest + PRECISION);
    last = now;
  }
});

/** Keeps the event loop from its work. */
function busyFor(ms: number): void {
  for (const begun = realClock.now(); realClock.now() - begun < ms; );
}

test('a timer never fires early, not even one that is set late in a long turn of the event loop', async () => {
  for (const delay of [0.2, 1, 2, 2.5, 7]) {
    const waited = await new Promise<number>((resolve) => {
      setImmediate(() => {
        busyFor(5);
        const begun = realClock.now();
        realClock.setTimer(delay, () => resolve(realClock.now() - begun));
      });
    });
    expect(waited).toBeGreaterThanOrEqual(delay);
  }
});
