/**
 * How the program's bundles are loaded: with the code that V8 made of them at an earlier start. To compile them is half
 * of what a command takes to start, and what Node.js caches from 22.8 on leaves out all functions that are compiled when
 * they are first called, which is most of them.
 *
 * The code lies in the user's cache folder. Everything here is best effort: without a cache all works as it does with one.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Script } from 'node:vm';

/** Files kept; all bundles of one installation are about 20. */
const MOST_FILES = 60;

export interface LoaderEnvironment {
  readonly env: NodeJS.ProcessEnv;
  /** `undefined` where the system has none: nothing is cached then. */
  readonly uid: number | undefined;
  /** Loads an ES module. Code from the cache cannot do that by itself. */
  readonly importModule: (url: string) => Promise<unknown>;
}

/** A bundle: a CommonJS module inside the function that Node.js would have put around it. */
type Wrapper = (exports: object, require: object, module: object, filename: string, dirname: string) => void;

interface Compiled {
  readonly script: Script;
  readonly cacheFile: string;
}

export class BundleLoader {
  readonly #folder: string | undefined;
  readonly #importModule: LoaderEnvironment['importModule'];
  readonly #loaded = new Map<string, { readonly exports: object }>();
  /** Bundles that had no code in the cache. */
  readonly #fresh: Compiled[] = [];

  constructor(environment: LoaderEnvironment) {
    this.#folder = cacheFolder(environment);
    this.#importModule = environment.importModule;
  }

  /**
   * What the bundle `file` exports. It is given a `require` that knows other bundles, loaded the same way, and
   * what is built into Node.js; and `require.import` in place of `import()`.
   */
  require(file: string): object {
    const known = this.#loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    this.#loaded.set(file, module);
    const wrapper: Wrapper = this.#compile(file).runInThisContext();
    wrapper.call(module.exports, module.exports, this.#requireOf(file), module, file, dirname(file));
    return module.exports;
  }

  #requireOf(file: string): object {
    const path = (id: string) => resolve(dirname(file), id);
    const require = (id: string): unknown =>
      id.startsWith('.') ? this.require(path(id)) : process.getBuiltinModule(id);
    return Object.assign(require, {
      import: (id: string) => this.#importModule(id.startsWith('.') ? pathToFileURL(path(id)).href : id),
    });
  }

  #compile(file: string): Script {
    const name = this.#folder === undefined ? undefined : cacheName(file);
    const cacheFile = this.#folder === undefined || name === undefined ? undefined : join(this.#folder, name);
    const cachedData = cacheFile === undefined ? undefined : readCode(cacheFile);
    const script = new Script(readFileSync(file, 'utf8'), {
      filename: file,
      ...(cachedData !== undefined && { cachedData }),
    });
    const accepted = cachedData !== undefined && script.cachedDataRejected !== true;
    if (cacheFile !== undefined && !accepted) this.#fresh.push({ script, cacheFile });
    return script;
  }

  /** Keeps the code of the functions that were called; for the end of a run. Never throws. */
  save(): void {
    if (this.#folder === undefined || this.#fresh.length === 0) return;
    try {
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      for (const { script, cacheFile } of this.#fresh.splice(0)) {
        const draft = `${cacheFile}.${process.pid}.tmp`;
        const code = script.createCachedData();
        writeFileSync(draft, Buffer.concat([code, code]), { mode: 0o600 });
        renameSync(draft, cacheFile);
      }
      removeOldest(this.#folder);
    } catch {
      // A full disk, a home folder that cannot be written: the next start is not faster, that is all.
    }
  }
}

/**
 * The user's own folder for the code; `undefined` where caching is switched off, where it would be another user's, or
 * where others could put code that would run as this user's.
 */
function cacheFolder({ env, uid }: LoaderEnvironment): string | undefined {
  if (uid === undefined || env.NODE_DISABLE_COMPILE_CACHE !== undefined) return undefined;
  // Counts of what ran are less exact for code from a cache.
  if (env.NODE_V8_COVERAGE !== undefined) return undefined;
  const base = env.XDG_CACHE_HOME || env.HOME || '';
  if (!base.startsWith('/')) return undefined;
  const folder = join(env.XDG_CACHE_HOME ? base : join(base, '.cache'), 'cf-bus', 'code');
  try {
    const stats = lstatSync(folder, { throwIfNoEntry: false });
    // It will be made, but never in another user's home folder (as under sudo), who could not use it then.
    if (stats === undefined) return ownerOf(base, !env.XDG_CACHE_HOME) === uid ? folder : undefined;
    return stats.isDirectory() && stats.uid === uid && (stats.mode & 0o022) === 0 ? folder : undefined;
  } catch {
    return undefined;
  }
}

/** Whose `folder` is; where it need not be there, whose the nearest one above it is. */
function ownerOf(folder: string, isNeeded: boolean): number {
  return statSync(folder, { throwIfNoEntry: isNeeded })?.uid ?? ownerOf(dirname(folder), isNeeded);
}

/** Differs where the bundle, Node.js or the machine's kind does; `undefined` where the system does not tell. */
function cacheName(file: string): string | undefined {
  try {
    const { dev, ino, size, mtimeMs } = statSync(file);
    const identity = [dev, ino, size, mtimeMs].map((value) => value.toString(36)).join('-');
    return `${basename(file, '.js')}-${identity}-${process.version}-${process.arch}`;
  } catch {
    return undefined;
  }
}

/**
 * The code in `file`; `undefined` where there is none or it is damaged. It stands there twice: V8 does not check what it
 * is given and ends the process over a wrong byte, and nothing is checked faster than that two halves are equal.
 */
function readCode(file: string): Buffer | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch {
    return undefined;
  }
  const half = bytes.length >> 1;
  const code = bytes.subarray(0, half);
  return half > 0 && code.equals(bytes.subarray(half)) ? code : undefined;
}

/** Old versions leave files that nobody asks for any more. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder).map((name) => {
    const path = join(folder, name);
    return { path, time: statSync(path).mtimeMs };
  });
  files.sort((a, b) => b.time - a.time);
  for (const { path } of files.slice(MOST_FILES)) rmSync(path, { force: true });
}
