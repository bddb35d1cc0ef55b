/** A 4-ary min-heap of timers, by due time and then by order of arrival. */
import type { Timer } from './clock.js';

const ARITY = 4;
/** Cancelled timers stay in the heap until they surface, or until they are more than half of it. */
const COMPACT_FROM = 64;

export class HeapTimer implements Timer {
  readonly due: number;
  readonly order: number;
  /** Gone once the timer fired or was cancelled. */
  callback: (() => void) | undefined;
  readonly #heap: TimerHeap;

  constructor(due: number, order: number, callback: () => void, heap: TimerHeap) {
    this.due = due;
    this.order = order;
    this.callback = callback;
    this.#heap = heap;
  }

  cancel(): void {
    if (this.callback === undefined) return;
    this.callback = undefined;
    this.#heap.noteCancelled();
  }
}

function before(a: HeapTimer, b: HeapTimer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

export class TimerHeap {
  #nodes: HeapTimer[] = [];
  #order = 0;
  #cancelled = 0;

  /** Timers that are still to fire. */
  get size(): number {
    return this.#nodes.length - this.#cancelled;
  }

  push(due: number, callback: () => void): HeapTimer {
    const timer = new HeapTimer(due, this.#order++, callback, this);
    this.#nodes.push(timer);
    this.#siftUp(this.#nodes.length - 1);
    return timer;
  }

  /** Takes out the timer that is due first and returns it with its call back, or `undefined` when none is left. */
  pop(): { readonly due: number; readonly callback: () => void } | undefined {
    for (;;) {
      const timer = this.#takeTop();
      if (timer === undefined) return undefined;
      const { due, callback } = timer;
      if (callback === undefined) {
        this.#cancelled--;
        continue;
      }
      timer.callback = undefined;
      return { due, callback };
    }
  }

  /** For `HeapTimer.cancel` only. */
  noteCancelled(): void {
    this.#cancelled++;
    if (this.#cancelled < COMPACT_FROM || this.#cancelled * 2 < this.#nodes.length) return;
    this.#nodes = this.#nodes.filter((timer) => timer.callback !== undefined);
    this.#cancelled = 0;
    for (let index = (this.#nodes.length - 2) >> 2; index >= 0; index--) this.#siftDown(index);
  }

  #takeTop(): HeapTimer | undefined {
    const top = this.#nodes[0];
    const last = this.#nodes.pop();
    if (top === undefined || last === undefined) return undefined;
    if (this.#nodes.length > 0) {
      this.#nodes[0] = last;
      this.#siftDown(0);
    }
    return top;
  }

  #siftUp(start: number): void {
    const nodes = this.#nodes;
    const node = nodes[start];
    if (node === undefined) return;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 2;
      const parent = nodes[parentIndex];
      if (parent === undefined || !before(node, parent)) break;
      nodes[index] = parent;
      index = parentIndex;
    }
    nodes[index] = node;
  }

  #siftDown(start: number): void {
    const nodes = this.#nodes;
    const node = nodes[start];
    if (node === undefined) return;
    let index = start;
    for (;;) {
      const first = index * ARITY + 1;
      let least: HeapTimer | undefined = nodes[first];
      if (least === undefined) break;
      let leastIndex = first;
      for (let child = first + 1; child < first + ARITY; child++) {
        const candidate = nodes[child];
        if (candidate === undefined) break;
        if (before(candidate, least)) {
          least = candidate;
          leastIndex = child;
        }
      }
      if (!before(least, node)) break;
      nodes[index] = least;
      index = leastIndex;
    }
    nodes[index] = node;
  }
}
