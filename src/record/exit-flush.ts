/** Writes out, when the process exits, what is still in memory: one listener for all open logs. */

const open = new Set<() => void>();

function flushAll(): void {
  for (const flush of open) flush();
}

/** Calls `flush`, which must not throw, when the process exits; the returned function takes that back. */
export function flushAtExit(flush: () => void): () => void {
  if (open.size === 0) process.on('exit', flushAll);
  open.add(flush);
  return () => {
    if (open.delete(flush) && open.size === 0) process.off('exit', flushAll);
  };
}
