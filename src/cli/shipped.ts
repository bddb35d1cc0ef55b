/** The scenarios that come with the package. */
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { CfBusError, safe, suggest } from '../kernel/index.js';

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

/**
 * The path of `given`: itself where that file exists or it looks like a path, else the shipped scenario of that name.
 * @throws CfBusError `FILE_UNREADABLE` for a word that names neither.
 */
export function resolveScenario(given: string, cwd: string): string {
  if (existsSync(resolve(cwd, given))) return given;
  const name = basename(given, '.yaml');
  const isWord = given === name && extname(given) === '';
  if (!isWord && given !== `scenarios/${name}.yaml`) return given;
  const shipped = shippedScenarios();
  const found = shipped.find((each) => each.name === name)?.path;
  // Who reads the file knows others like it.
  if (found !== undefined || !isWord || existsSync(resolve(cwd, `${name}.yaml`))) return found ?? given;
  const near = suggest(
    name,
    shipped.map((each) => each.name),
  );
  throw new CfBusError('FILE_UNREADABLE', `there is no file ${safe(given)}, and no shipped scenario of that name`, {
    hint: near === undefined ? 'cf-bus run lists the shipped ones' : `did you mean ${near}?`,
  });
}

/** Above the running file, wherever the build put it: the package's own folder. */
function findFolder(): string | undefined {
  for (let folder = dirname(realpathSync(process.argv[1] ?? '.')), up = 0; up < 6; up++, folder = dirname(folder)) {
    const candidate = join(folder, 'scenarios');
    if (existsSync(join(folder, 'package.json')) && existsSync(candidate)) return candidate;
  }
  return undefined;
}
