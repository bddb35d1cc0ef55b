import { describe, expect, it } from 'vitest';
import { Lifecycle } from '../../src/cli/lifecycle.js';
import { type Clock, VirtualClock } from '../../src/kernel/index.js';

describe('a command that ends', () => {
  it('closes what it opened, last first, and tries everything before it reports the first failure', async () => {
    const lifecycle = new Lifecycle(new VirtualClock());
    const closed: string[] = [];
    lifecycle.onClose(() => void closed.push('log'));
    lifecycle.onClose(() => {
      closed.push('socket');
      throw new Error('socket is stuck');
    });
    lifecycle.onClose(async () => void closed.push('traffic'));
    await expect(lifecycle.close()).rejects.toThrow('socket is stuck');
    expect(closed).toEqual(['traffic', 'socket', 'log']);
  });

  it('waits five seconds for what does not close, and then closes the rest', async () => {
    const clock = new VirtualClock();
    const lifecycle = new Lifecycle(clock);
    const closed: string[] = [];
    lifecycle.onClose(() => void closed.push('log'));
    lifecycle.onClose(() => new Promise(() => {}));
    const closing = lifecycle.close();
    await clock.drive();
    await closing;
    expect(closed).toEqual(['log']);
    expect(clock.now()).toBe(5_000);
  });

  it('keeps the first reason to end', () => {
    const lifecycle = new Lifecycle(new VirtualClock());
    lifecycle.end({ kind: 'signal', exitCode: 143 });
    lifecycle.end({ kind: 'unread' });
    expect(lifecycle.ending).toEqual({ kind: 'signal', exitCode: 143 });
    expect(lifecycle.signal.aborted).toBe(true);
  });

  it('knows for how long it has been asked to end', async () => {
    const clock = new VirtualClock();
    const lifecycle = new Lifecycle(clock);
    let before: number | undefined;
    clock.setTimer(100, () => {
      before = lifecycle.sinceEnding;
      lifecycle.end({ kind: 'signal', exitCode: 143 });
    });
    clock.setTimer(350, () => lifecycle.end({ kind: 'unread' }));
    await clock.drive({ until: () => clock.now() >= 350 });
    expect([before, lifecycle.sinceEnding]).toEqual([0, 250]);
  });

  it('is asked to end even where no timer can be had for it', () => {
    const broken: Clock = {
      kind: 'virtual',
      now: () => 0,
      wallTime: () => 0,
      setTimer() {
        throw new Error('no timer left');
      },
    };
    const lifecycle = new Lifecycle(broken);
    lifecycle.onClose(() => {});
    expect(() => lifecycle.end({ kind: 'signal', exitCode: 130 })).toThrow('no timer left');
    expect(lifecycle.signal.aborted).toBe(true);
  });

  it('is overdue at once where nothing is open, and after seven seconds otherwise', async () => {
    const idle = new Lifecycle(new VirtualClock());
    idle.end({ kind: 'unread' });
    await idle.overdue;

    const clock = new VirtualClock();
    const busy = new Lifecycle(clock);
    busy.onClose(() => {});
    busy.end({ kind: 'unread' });
    let overdue = false;
    void busy.overdue.then(() => {
      overdue = true;
    });
    await clock.drive({ until: () => clock.now() > 6_999 || overdue });
    await busy.overdue;
    expect(clock.now()).toBe(7_000);
  });
});
