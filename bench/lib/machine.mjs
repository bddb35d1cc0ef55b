/** What a benchmark ran on, and how much of the machine others took meanwhile. */
import { readFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';

export function describeMachine() {
  const all = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${all.length} × ${all[0]?.model.trim() ?? 'unknown processor'}, ${memory} GB, ${process.platform} ${process.arch}`;
}

/** Call it, run something in child processes, call what it gave: a sentence about the noise. */
export function watchNoise() {
  const before = cpuTimes();
  return () => {
    const [load] = loadavg();
    const after = cpuTimes();
    const average = `load average ${load.toFixed(1)}`;
    if (before === undefined || after === undefined) return average;
    const others = Math.max(0, after.busy - before.busy - (after.own - before.own));
    const share = Math.round((100 * others) / (after.total - before.total));
    return `other programs took ${share}% of the machine's time meanwhile, ${average}`;
  };
}

/** Of all processors, and of this process with the children that have ended; in clock ticks. Linux alone tells. */
function cpuTimes() {
  try {
    const [line] = readFileSync('/proc/stat', 'utf8').split('\n');
    const [user, nice, system, idle, wait, irq, softirq, steal] = line.split(/\s+/).slice(1).map(Number);
    const busy = user + nice + system + irq + softirq + steal;
    // Behind the name, which may hold spaces and brackets.
    const fields = readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1).split(' ').map(Number);
    const [ownUser, ownSystem, childUser, childSystem] = fields.slice(11, 15);
    return { busy, total: busy + idle + wait, own: ownUser + ownSystem + childUser + childSystem };
  } catch {
    return undefined;
  }
}
