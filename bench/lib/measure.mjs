/** What a call costs, on a machine that does other things, too. */
import { measure } from 'mitata';

/** Nanoseconds of processor time that this process has had, those of its garbage collector included. */
function processorTime() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1e3;
}

/**
 * Nanoseconds of processor time a call of `work` takes, awaited where it gives a promise. Processor time does not count
 * while others have the processor; of many batches it is the median.
 */
export async function costOf(work, milliseconds = 150) {
  const { p50 } = await measure(() => work(), { now: processorTime, min_cpu_time: milliseconds * 1e6 });
  return p50;
}
