import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Timer } from '../../src/kernel/index.js';
import { TimerHeap } from '../../src/kernel/timer-heap.js';

type Step =
  | { readonly kind: 'push'; readonly due: number }
  | { readonly kind: 'cancel'; readonly which: number }
  | { readonly kind: 'pop' };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('push' as const), due: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat(300) }) },
  { weight: 2, arbitrary: fc.constant({ kind: 'pop' } as const) },
);

/** The obvious timer queue: an array, sorted by due time, then by arrival. */
class SortedTimers {
  #entries: { readonly due: number; readonly id: number }[] = [];

  get size(): number {
    return this.#entries.length;
  }

  push(due: number, id: number): void {
    this.#entries.push({ due, id });
    this.#entries.sort((a, b) => a.due - b.due || a.id - b.id);
  }

  cancel(id: number): void {
    this.#entries = this.#entries.filter((entry) => entry.id !== id);
  }

  pop(): number | undefined {
    return this.#entries.shift()?.id;
  }
}

function compare(steps: readonly Step[]): void {
  const heap = new TimerHeap();
  const model = new SortedTimers();
  const timers: Timer[] = [];
  let fired: number | undefined;
  const pop = () => {
    fired = undefined;
    heap.pop()?.callback();
    expect(fired).toBe(model.pop());
  };
  for (const each of steps) {
    if (each.kind === 'push') {
      const id = timers.length;
      timers.push(
        heap.push(each.due, () => {
          fired = id;
        }),
      );
      model.push(each.due, id);
    } else if (each.kind === 'cancel') {
      timers[each.which]?.cancel();
      model.cancel(each.which);
    } else pop();
    expect(heap.size).toBe(model.size);
  }
  while (model.size > 0) pop();
  expect(heap.pop()).toBeUndefined();
}

describe('the timer heap', () => {
  test('gives timers by due time and then by arrival, like a sorted array, whatever is cancelled', () => {
    fc.assert(fc.property(fc.array(step, { maxLength: 300 }), compare), { numRuns: 200 });
  });

  test('stays right when most of many timers are cancelled and it tidies up', () => {
    const push = fc.array(fc.nat(50), { minLength: 200, maxLength: 400 });
    fc.assert(
      fc.property(push, fc.infiniteStream(fc.boolean()), (dues, keep) => {
        const steps: Step[] = dues.map((due) => ({ kind: 'push', due }));
        for (const which of dues.keys())
          if (which % 5 !== 0 || keep.next().value === true) steps.push({ kind: 'cancel', which });
        for (const due of [3, 1, 2]) steps.push({ kind: 'push', due });
        compare(steps);
      }),
      { numRuns: 50 },
    );
  });

  test('cancelling twice, or after it fired, does nothing', () => {
    const heap = new TimerHeap();
    const first = heap.push(1, () => {});
    heap.push(2, () => {});
    heap.pop();
    first.cancel();
    first.cancel();
    expect(heap.size).toBe(1);
    expect(heap.pop()?.due).toBe(2);
    expect(heap.size).toBe(0);
  });
});
