/**
 * Loaded into the programs under test before their own code (`--import`): notes every few seconds how much they hold.
 * The heap is measured after a full collection, so that what is left is what is held. `--expose-gc` is not allowed in
 * NODE_OPTIONS, and the inspector would hold a connection and a thread of its own: V8's flag is set from within instead.
 */
import { appendFileSync, readdirSync } from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import threads from 'node:worker_threads';

export interface Sample {
  /** Seconds since the process started. */
  readonly at: number;
  /** Bytes held by JavaScript after a full collection. */
  readonly heap: number;
  /** Bytes held outside of V8's heap: buffers. */
  readonly external: number;
  readonly rss: number;
  readonly descriptors: number;
  /** Milliseconds of processor time so far. */
  readonly cpu: number;
}

const { CF_BUS_SOAK_FILE: file, CF_BUS_SOAK_EVERY_MS: every } = process.env;
if (file !== undefined && every !== undefined) {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  const note = () => {
    if (typeof collect === 'function') collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const { user, system } = process.cpuUsage();
    const sample: Sample = {
      at: performance.now() / 1_000,
      heap: heapUsed,
      external,
      rss,
      descriptors: readdirSync('/dev/fd').length,
      cpu: (user + system) / 1_000,
    };
    appendFileSync(file, `${JSON.stringify(sample)}\n`);
  };
  setInterval(note, Number(every)).unref();
  sampleThreads(file);
}

/** A thread has a heap of its own, and is started without our options: each is given them here. */
function sampleThreads(own: string): void {
  class SampledWorker extends threads.Worker {
    constructor(program: string | URL, options: threads.WorkerOptions = {}) {
      const execArgv = [...(options.execArgv ?? []), '--import', import.meta.url];
      super(program, { ...options, execArgv, env: { ...process.env, CF_BUS_SOAK_FILE: `${own}-thread` } });
    }
  }
  Object.assign(createRequire(import.meta.url)('node:worker_threads'), { Worker: SampledWorker });
  syncBuiltinESMExports();
}
