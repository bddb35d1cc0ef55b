/** Puts a counter, and perhaps a failure, before every function of `node:fs` that asks the system for something. */
import { type Calls, type ErrorCode, systemError } from './calls.js';

type Callable = (...args: unknown[]) => unknown;
type Module = Record<string, unknown>;

/** Functions by the error that they give; those with `Sync` behind the name and those of `promises` are meant, too. */
const CODES: Readonly<Record<string, ErrorCode>> = {
  open: 'EMFILE',
  readdir: 'EMFILE',
  opendir: 'EMFILE',
  readFile: 'EMFILE',
  watch: 'EMFILE',
  write: 'ENOSPC',
  writev: 'ENOSPC',
  writeFile: 'ENOSPC',
  appendFile: 'ENOSPC',
  copyFile: 'ENOSPC',
  mkdir: 'EACCES',
  mkdtemp: 'EACCES',
  rename: 'EACCES',
  link: 'EACCES',
  symlink: 'EACCES',
  unlink: 'EACCES',
  rm: 'EACCES',
  rmdir: 'EACCES',
  chmod: 'EACCES',
  access: 'EACCES',
  read: 'EIO',
  close: 'EIO',
  stat: 'EIO',
  fstat: 'EIO',
  lstat: 'EIO',
  realpath: 'EIO',
  ftruncate: 'EIO',
  fsync: 'EIO',
  utimes: 'EIO',
};

/** Paths of open descriptors. */
const paths = new Map<unknown, unknown>();

export function patchFiles(fs: Module, calls: Calls): void {
  for (const [name, code] of Object.entries(CODES)) {
    patch(fs, `${name}Sync`, (original) => syncCall(name, code, original, calls));
    patch(fs, name, (original) => callbackCall(name, code, original, calls));
  }
  patch(fs, 'existsSync', (original) => (...args) => {
    // It tells nobody why: to its caller the file is not there.
    return calls.fails('file', 'error', `existsSync ${args[0]}`) ? false : original(...args);
  });
  const { promises } = fs;
  if (isModule(promises)) patchPromises(promises, calls);
}

function patchPromises(promises: Module, calls: Calls): void {
  for (const [name, code] of Object.entries(CODES)) {
    patch(promises, name, (original) => async (...args) => {
      if (calls.fails('file', 'error', `promises.${name} ${describe(args[0])}`)) throw systemError(code, name, args[0]);
      const result = await original(...args);
      if (name === 'open' && isModule(result)) patchHandle(result, calls);
      return result;
    });
  }
}

/** What `promises.open` gives. */
function patchHandle(handle: Module, calls: Calls): void {
  for (const name of ['read', 'write', 'stat', 'readFile', 'writeFile', 'truncate'] as const) {
    patch(handle, name, (original) => async (...args) => {
      if (calls.fails('file', 'error', `handle.${name}`)) throw systemError(CODES[name] ?? 'EIO', name, undefined);
      return original(...args);
    });
  }
}

function syncCall(name: string, code: ErrorCode, original: Callable, calls: Calls): Callable {
  return (...args) => {
    if (calls.fails('file', 'error', `${name}Sync ${describe(args[0])}`)) throw systemError(code, name, args[0]);
    const [, bytes, offset = 0, length] = args;
    const isTransfer = (name === 'read' || name === 'write') && ArrayBuffer.isView(bytes) && typeof offset === 'number';
    if (!isTransfer) {
      const result = original(...args);
      if (name === 'open') paths.set(result, args[0]);
      return result;
    }
    const wanted = typeof length === 'number' ? length : bytes.byteLength - offset;
    if (wanted < 2 || !calls.fails('file', 'partial', `${name}Sync ${describe(args[0])}, ${wanted} bytes`)) {
      return original(...args);
    }
    return original(args[0], bytes, offset, wanted >> 1, ...args.slice(4));
  };
}

function callbackCall(name: string, code: ErrorCode, original: Callable, calls: Calls): Callable {
  return (...args) => {
    const callback = args.at(-1);
    if (!calls.fails('file', 'error', `${name} ${describe(args[0])}`)) return original(...args);
    const error = systemError(code, name, args[0]);
    if (name === 'watch' || typeof callback !== 'function') throw error;
    process.nextTick(callback, error);
    return undefined;
  };
}

function patch(module: Module, name: string, wrap: (original: Callable) => Callable): void {
  const original = module[name];
  if (!isCallable(original)) return;
  const bound: Callable = (...args) => original.apply(module, args);
  module[name] = Object.assign(wrap(bound), original);
}

function describe(target: unknown): string {
  if (typeof target !== 'number') return String(target);
  const path = paths.get(target);
  return path === undefined ? `fd ${target}` : `${path} (fd ${target})`;
}

function isCallable(value: unknown): value is Callable {
  return typeof value === 'function';
}

function isModule(value: unknown): value is Module {
  return typeof value === 'object' && value !== null;
}
