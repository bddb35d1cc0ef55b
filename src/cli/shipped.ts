/** The scenarios that come with the package. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface ShippedScenario {
  readonly name: string;
  readonly path: string;
  /** Its first comment line. */
  readonly summary: string;
}

/** Sorted by name; empty where the folder is missing. */
export function shippedScenarios(folder: string | undefined = findFolder()): readonly ShippedScenario[] {
  if (folder === undefined) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .map((file) => {
      const path = join(folder, file);
      const comment = /^#\s*(.*)$/m.exec(readFileSync(path, 'utf8'));
      return { name: basename(file, '.yaml'), path, summary: comment?.[1] ?? '' };
    });
}

/** The path of `given`: itself where that file exists or it looks like a path, else the shipped scenario of that name. */
export function resolveScenario(given: string, cwd: string): string {
  if (existsSync(join(cwd, given)) || existsSync(given)) return given;
  const name = basename(given, '.yaml');
  const looksLikeName = given === name || given === `scenarios/${name}.yaml`;
  return (looksLikeName ? shippedScenarios().find((each) => each.name === name)?.path : undefined) ?? given;
}

/** Above the running file, wherever the build put it: the package's own folder. */
function findFolder(): string | undefined {
  for (let folder = dirname(realpathSync(process.argv[1] ?? '.')), up = 0; up < 6; up++, folder = dirname(folder)) {
    const candidate = join(folder, 'scenarios');
    if (existsSync(join(folder, 'package.json')) && existsSync(candidate)) return candidate;
  }
  return undefined;
}
