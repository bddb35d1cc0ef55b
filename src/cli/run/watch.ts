/** `--watch`: loads the scenario again when its file changes; a broken one changes nothing and shows why. */
import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { realClock, safe, safeLines, type Timer } from '../../kernel/index.js';
import type { Simulation } from '../../simulator/index.js';
import { describeFailure } from '../exit.js';
import type { Notices } from './notify.js';
import { loadWithVariables, type RunSettings } from './settings.js';

/** Editors write in several steps; this long after the last one the file is whole. */
const SETTLE_MS = 80;

/** Starts watching; the returned function stops it. The folder is watched, because editors replace files. */
export function watchScenario({ file, options }: RunSettings, simulation: Simulation, { notify }: Notices): () => void {
  let timer: Timer | undefined;
  const reload = async () => {
    try {
      const { handlers, restartNeeded } = await simulation.reload(loadWithVariables(file, options.set));
      notify('cyan', `Reloaded: ${handlers} handlers.`);
      if (restartNeeded.length === 0) return;
      notify('yellow', `Changed too, but only from the next start on: ${restartNeeded.map(safe).join(', ')}.`);
    } catch (error) {
      const { message } = describeFailure(error);
      notify('red', `cf-bus: ${safeLines(message)}`);
      notify('dim', 'The services stay as they were.');
    }
  };
  const watcher: FSWatcher = watch(dirname(file), (_kind, name) => {
    if (name !== null && name !== basename(file)) return;
    timer?.cancel();
    timer = realClock.setTimer(SETTLE_MS, () => void reload());
  });
  watcher.on('error', () => {});
  return () => {
    timer?.cancel();
    watcher.close();
  };
}
