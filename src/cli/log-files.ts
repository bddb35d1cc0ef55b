/** Which logs a command reads: what was named, or the default. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CfBusError, safe } from '../kernel/index.js';
import { defaultLogFile } from '../record/index.js';
import type { LogInput } from '../trace/index.js';
import type { Context } from './context.js';
import { matchesGlob } from './glob.js';

export interface LogChoice {
  /** `--log`. */
  readonly log?: string | undefined;
  /** Files, globs, and `-` for standard input. */
  readonly files?: readonly string[];
  /** The default log need not be there yet. */
  readonly mayCome?: boolean | undefined;
}

/**
 * The logs to read. Without `--log` and files: `CF_BUS_LOG`, else `logs/cf-bus.log`.
 * @throws CfBusError `FILE_UNREADABLE` for a glob that matches nothing and where there is no default log, `USAGE` where the
 * log is switched off.
 */
export function logInputs(context: Context, { log, files = [], mayCome }: LogChoice): readonly LogInput[] {
  const named = [...(log === undefined ? [] : [log]), ...files];
  if (named.length === 0) return [defaultLog(context, mayCome)];
  return named.flatMap((name): readonly LogInput[] =>
    name === '-' ? [{ name: 'standard input', stream: stdinBytes(context) }] : expand(name, context.cwd),
  );
}

function defaultLog({ env, cwd }: Context, mayCome = false): string {
  const file = defaultLogFile(env);
  if (file === undefined) {
    throw new CfBusError('USAGE', 'CF_BUS_LOG switches the log off', { hint: 'name the log to read: --log FILE' });
  }
  if (!mayCome && !existsSync(resolve(cwd, file))) {
    throw new CfBusError(
      'FILE_UNREADABLE',
      `no session was started in this directory, and there is no log ${safe(file)}`,
      {
        hint: 'start one: cf-bus run SCENARIO, or name a log: --log FILE',
      },
    );
  }
  // As people know it, unless the working directory is another one.
  return cwd === process.cwd() ? file : resolve(cwd, file);
}

async function* stdinBytes(context: Context): AsyncIterable<Uint8Array | string> {
  yield* context.stdin();
}

/** The files that the globs among `names` match. */
export function globMatches(names: readonly string[], cwd: string): readonly string[] {
  return names.filter((name) => isGlob(name, cwd)).flatMap((name) => filesMatching(name, cwd));
}

/** A path as it is; a pattern with `*` or `?` that no file is called by, as the files it matches. */
function expand(name: string, cwd: string): readonly string[] {
  if (!isGlob(name, cwd)) return [name];
  const found = filesMatching(name, cwd);
  if (found.length > 0) return found;
  throw new CfBusError('FILE_UNREADABLE', `no file matches ${name}`);
}

function isGlob(name: string, cwd: string): boolean {
  return /[*?]/.test(name) && !existsSync(resolve(cwd, name));
}

function filesMatching(pattern: string, cwd: string): readonly string[] {
  const segments = pattern.split('/').filter((segment) => segment !== '' && segment !== '.');
  let found = [pattern.startsWith('/') ? '/' : ''];
  for (const segment of segments) found = found.flatMap((folder) => matches(folder, segment, cwd));
  return found;
}

function matches(folder: string, segment: string, cwd: string): readonly string[] {
  if (!/[*?]/.test(segment)) {
    const path = join(folder, segment);
    return existsSync(resolve(cwd, path)) ? [path] : [];
  }
  let names: readonly string[] = [];
  try {
    names = readdirSync(resolve(cwd, folder));
  } catch {
    // No folder, or not ours to list: nothing in it matches.
  }
  const hidden = segment.startsWith('.');
  return names
    .filter((name) => (hidden || !name.startsWith('.')) && matchesGlob(name, segment))
    .sort()
    .map((name) => join(folder, name));
}
