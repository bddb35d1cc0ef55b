import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sleep, VIRTUAL_EPOCH_MS, VirtualClock } from '../../src/kernel/index.js';
import { STALL_LIMIT_MS } from '../../src/kernel/virtual-clock.js';

describe('the virtual clock', () => {
  test('starts at 2000-01-01T00:00:00.000Z, and its time of day keeps step', async () => {
    const clock = new VirtualClock();
    expect(new Date(clock.wallTime()).toISOString()).toBe('2000-01-01T00:00:00.000Z');
    clock.setTimer(1_500.75, () => {});
    await clock.drive();
    expect(clock.now()).toBe(1_500.75);
    expect(clock.wallTime()).toBe(VIRTUAL_EPOCH_MS + 1_500);
  });

  test('fires timers by due time and then by arrival, each at its time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: -5, max: 50 }), { maxLength: 60 }), async (delays) => {
        const clock = new VirtualClock();
        const fired: { due: number; index: number; at: number }[] = [];
        delays.forEach((delay, index) => {
          clock.setTimer(delay, () => fired.push({ due: Math.max(0, delay), index, at: clock.now() }));
        });
        await clock.drive();
        expect(fired).toHaveLength(delays.length);
        expect(fired).toEqual(fired.toSorted((a, b) => a.due - b.due || a.index - b.index));
        for (const { due, at } of fired) expect(at).toBe(due);
      }),
      { numRuns: 50 },
    );
  });

  test('lets everything a timer sets off settle before the next one fires, however deep the promises', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const deep = async (name: string, turns: number) => {
      for (let n = 0; n < turns; n++) await undefined;
      log.push(name);
    };
    clock.setTimer(1, () => void deep('first', 500));
    clock.setTimer(1, () => void deep('second', 1));
    clock.setTimer(1, () => void log.push('third'));
    await clock.drive();
    expect(log).toEqual(['first', 'second', 'third']);
  });

  test('never fires a timer synchronously, nor without being driven', async () => {
    const clock = new VirtualClock();
    let fired = 0;
    clock.setTimer(0, () => {
      fired++;
      clock.setTimer(0, () => fired++);
      expect(fired).toBe(1);
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect([fired, clock.pending]).toEqual([0, 1]);
    await clock.drive();
    expect([fired, clock.pending]).toEqual([2, 0]);
  });

  test('a cancelled timer does not fire, and time does not go to it', async () => {
    const clock = new VirtualClock();
    const timer = clock.setTimer(100, () => expect.unreachable());
    clock.setTimer(10, () => timer.cancel());
    await clock.drive();
    expect(clock.now()).toBe(10);
  });

  test('stops where `until` says so, and can be driven on', async () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    for (const at of [1, 2, 3, 4]) clock.setTimer(at, () => fired.push(at));
    await clock.drive({ until: () => fired.length === 2 });
    expect([fired, clock.now()]).toEqual([[1, 2], 2]);
    await clock.drive();
    expect(fired).toEqual([1, 2, 3, 4]);
  });

  test('rejects with what a timer throws, and can be driven on', async () => {
    const clock = new VirtualClock();
    let later = false;
    clock.setTimer(1, () => {
      throw new Error('in a timer');
    });
    clock.setTimer(2, () => {
      later = true;
    });
    await expect(clock.drive()).rejects.toThrow('in a timer');
    await clock.drive();
    expect(later).toBe(true);
  });

  test('tells of its progress, and lets the event loop turn, over a long run', async () => {
    const clock = new VirtualClock();
    const progress: number[] = [];
    let turns = 0;
    let running = true;
    const count = () => {
      turns++;
      if (running) setImmediate(count);
    };
    setImmediate(count);
    let left = 2_000;
    const spin = () => {
      const end = performance.now() + 0.2;
      while (performance.now() < end);
      if (--left > 0) clock.setTimer(1, spin);
    };
    clock.setTimer(1, spin);
    await clock.drive({ onProgress: (now) => progress.push(now) });
    running = false;
    expect(clock.now()).toBe(2_000);
    expect(turns).toBeGreaterThan(10);
    expect(progress.length).toBeGreaterThan(0);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
  });
});

describe('a hold', () => {
  test('keeps the clock from jumping until it is released', async () => {
    const clock = new VirtualClock();
    const log: string[] = [];
    const hold = clock.hold('outside');
    clock.setTimer(1, () => log.push(`timer at ${clock.now()}`));
    setImmediate(() =>
      setImmediate(() => {
        log.push(`released at ${clock.now()}`);
        hold.release();
      }),
    );
    await clock.drive();
    expect(log).toEqual(['released at 0', 'timer at 1']);
  });

  test('does not hold while its code is known to wait, however many waits are open', async () => {
    const clock = new VirtualClock();
    const hold = clock.hold('handler');
    hold.beginWait();
    hold.beginWait();
    clock.setTimer(5, () => hold.endWait());
    clock.setTimer(10, () => {
      hold.endWait();
      hold.release();
    });
    await clock.drive();
    expect(clock.now()).toBe(10);
  });

  test('released twice, or used after its release, does nothing', async () => {
    const clock = new VirtualClock();
    const first = clock.hold('first');
    const second = clock.hold('second');
    first.release();
    first.release();
    first.beginWait();
    first.endWait();
    second.beginWait();
    second.release();
    clock.setTimer(1, () => {});
    await clock.drive();
    expect(clock.now()).toBe(1);
  });

  test(`that lasts longer than ${STALL_LIMIT_MS / 1_000} s of real time is an error that names it`, async () => {
    const clock = new VirtualClock();
    const waiting = clock.hold('one that waits');
    waiting.beginWait();
    const stuck = clock.hold('vector_index.index_repository');
    clock.setTimer(1, () => {});
    await expect(clock.drive()).rejects.toMatchObject({
      code: 'CLOCK_STALLED',
      message: expect.stringContaining('vector_index.index_repository'),
    });
    stuck.release();
    await clock.drive();
    expect(clock.now()).toBe(1);
  });
});

describe('sleep', () => {
  test('resolves after its time on the clock', async () => {
    const clock = new VirtualClock();
    let woke = -1;
    void sleep(clock, 25).then(() => {
      woke = clock.now();
    });
    await clock.drive();
    expect(woke).toBe(25);
  });

  test('rejects with the signal’s reason, at once where it has aborted already, and leaves no timer', async () => {
    const clock = new VirtualClock();
    const controller = new AbortController();
    const reason = new Error('enough');
    const sleeping = sleep(clock, 1_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(sleep(clock, 1_000, controller.signal)).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });
});
