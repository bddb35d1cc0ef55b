import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ScaledClock, VirtualClock } from '../../src/kernel/index.js';

describe('a scaled clock', () => {
  test('at speed 10 lets ten milliseconds pass in one', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(10, base);
    const start = clock.now();
    const fired: number[] = [];
    clock.setTimer(500, () => fired.push(base.now(), clock.now() - start));
    await base.drive();
    expect(fired).toEqual([50, 500]);
  });

  test('at speed 0.5 takes twice as long', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(0.5, base);
    clock.setTimer(100, () => {});
    await base.drive();
    expect(base.now()).toBe(200);
  });

  test('timestamps and durations agree with each other', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(10, base);
    const before = { now: clock.now(), wall: clock.wallTime() };
    expect(before.wall).toBe(base.wallTime());
    base.setTimer(123, () => {});
    await base.drive();
    expect(clock.now() - before.now).toBeCloseTo(1_230, 9);
    expect(clock.wallTime() - before.wall).toBe(1_230);
  });

  test('keeps the due time of pending timers when the speed changes, again and again', async () => {
    const speed = fc.constantFrom(0.25, 0.5, 1, 2, 4, 8);
    const changes = fc.array(fc.record({ at: fc.nat(40), speed }), { maxLength: 6 });
    const delays = fc.array(fc.nat(100), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(speed, changes, delays, async (first, later, timers) => {
        const base = new VirtualClock();
        const clock = new ScaledClock(first, base);
        const fired: { readonly due: number; readonly at: number }[] = [];
        for (const due of timers) clock.setTimer(due, () => fired.push({ due, at: clock.now() }));
        for (const change of later) base.setTimer(change.at, () => clock.setSpeed(change.speed));
        await base.drive();
        expect(fired).toHaveLength(timers.length);
        for (const { due, at } of fired) expect(at).toBeCloseTo(due, 6);
        expect(fired.map((each) => each.due)).toEqual(fired.map((each) => each.due).toSorted((a, b) => a - b));
      }),
      { numRuns: 100 },
    );
  });

  test('never goes back when the speed changes', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(10, base);
    const seen: number[] = [];
    for (let at = 1; at <= 50; at++) {
      base.setTimer(at, () => {
        if (at % 7 === 0) clock.setSpeed(at % 2 === 0 ? 0.1 : 100);
        seen.push(clock.now());
      });
    }
    await base.drive();
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  test('a cancelled timer does not fire, nor come back with a new speed', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(2, base);
    const timer = clock.setTimer(100, () => expect.unreachable());
    timer.cancel();
    timer.cancel();
    clock.setSpeed(4);
    expect(base.pending).toBe(0);
    await base.drive();
  });

  test('fires what is due now for a delay of zero or less', async () => {
    const base = new VirtualClock();
    const clock = new ScaledClock(3, base);
    let fired = 0;
    for (const delay of [0, -5]) clock.setTimer(delay, () => fired++);
    await base.drive();
    expect([fired, base.now()]).toEqual([2, 0]);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('refuses speed %d', (speed) => {
    const invalid = expect.objectContaining({ code: 'INVALID_OPTIONS' });
    expect(() => new ScaledClock(speed, new VirtualClock())).toThrow(invalid);
    const clock = new ScaledClock(1, new VirtualClock());
    expect(() => clock.setSpeed(speed)).toThrow(invalid);
    expect(clock.speed).toBe(1);
  });
});
