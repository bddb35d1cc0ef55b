// Loaded before a program: writes what it used to descriptor 3 when it ends.
const { readFileSync, writeSync } = require('node:fs');

process.on('exit', () => {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  try {
    writeSync(3, JSON.stringify({ cpuMs: (userCPUTime + systemCPUTime) / 1_000, rssBytes: mostResident(maxRSS) }));
  } catch {
    // Nobody reads it.
  }
});

/** In bytes. Linux counts what the parent had, before it became this program, into `maxRSS`. */
function mostResident(maxRSS) {
  try {
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1_024;
  } catch {
    return maxRSS * 1_024;
  }
}
