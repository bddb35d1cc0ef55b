/**
 * Hostile scenario files and log files, a list made by hand (files/) and as many more made by damaging good ones, read
 * by the real program. Each must give one clear error or a result: no stack, no hang, at most two seconds of processor
 * time and 200 MiB of resident memory, both as the system counts them for the process. Of real time it may take the same
 * two seconds, and as many times more as there are programs for each processor (the load of the last minute); what takes
 * longer is tried again twice, and the best counts. What takes twenty seconds hangs.
 */
import type { Part } from '../part.js';

export const files: Part = {
  name: 'files',
  promise: 'a hostile file is one clear error or a correct result, in 2 s and 200 MiB, never a stack, never a hang',
  unit: 'files',
  // The files are many megabytes: made when they are wanted.
  run: async (context) => (await import('./files/run.js')).run(context),
};
