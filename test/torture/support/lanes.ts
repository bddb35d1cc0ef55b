/** Several tries at the same time: most of their time is waiting. */

/** Calls `work` with each item, `lanes` at a time, in order; no further one once `signal` has aborted. */
export async function inLanes<T>(
  items: readonly T[],
  lanes: number,
  signal: AbortSignal,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const queue = items.entries();
  const lane = async () => {
    for (const [index, item] of queue) {
      if (signal.aborted) return;
      await work(item, index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
