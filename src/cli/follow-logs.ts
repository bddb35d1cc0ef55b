/** The lines of several logs as they come: of those that are there, and of those that come to match a glob. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Clock, realClock, safe, sleep } from '../kernel/index.js';
import { isRotatedPartOf } from '../trace/index.js';
import type { Context } from './context.js';
import { type FileIdentity, followFile } from './tail/followed-file.js';

/** How often globs are looked up again. */
const LOOK_MS = 1_000;

export interface FollowedLog {
  readonly file: string;
  /** Where the lines begin that are followed: what lies before was there at the start. */
  readonly start: number;
}

export interface LogFollowing {
  /** Called with each line, without its line break. */
  readonly onLine: (line: string, file: string) => void;
  /** The files that the globs match now. */
  readonly matches: () => readonly string[];
  readonly clock?: Clock;
}

/** Opens logs at their ends. Rotated parts are left out: nothing is written to them any more. */
export class LogFollower {
  readonly #context: Context;
  readonly #seen = new SeenFiles();
  readonly #opened = new Map<string, AsyncIterable<string>>();

  private constructor(context: Context) {
    this.#context = context;
  }

  /** @throws the system's error where one of `files` cannot be opened. */
  static async open(context: Context, files: readonly string[]): Promise<[LogFollower, readonly FollowedLog[]]> {
    const follower = new LogFollower(context);
    const grows = (file: string) => !isPacked(file) && !files.some((other) => isRotatedPartOf(file, other));
    const logs = onceEach(files.filter(grows), context.cwd);
    return [follower, await Promise.all(logs.map((file) => follower.#begin(file)))];
  }

  /** Gives lines until the command is asked to end. */
  async run(following: LogFollowing): Promise<void> {
    const known = [...this.#opened].map(([file, lines]) => give(lines, file, following));
    await Promise.all([...known, this.#watch(following)]);
  }

  /** Opens a file at its end, whenever its lines are asked for. */
  async #begin(file: string): Promise<FollowedLog> {
    const { promise, settle } = signalOf<number>();
    const lines = this.#follow(file, 0, settle);
    const first = lines.next();
    // Whoever asks for the lines learns of a failure.
    const start = await Promise.race([promise, first.then(() => promise).catch(() => 0)]);
    this.#opened.set(file, afterFirst(first, lines));
    return { file, start };
  }

  #follow(file: string, backlog: number, onOpen: (position: number) => void): AsyncGenerator<string> {
    const { cwd, lifecycle } = this.#context;
    return followFile(resolve(cwd, file), {
      backlog,
      signal: lifecycle.signal,
      onOpen: (identity, position) => {
        this.#seen.add(identity);
        onOpen(position);
      },
    });
  }

  /** Follows what comes to match, from its start on. */
  async #watch(following: LogFollowing): Promise<void> {
    const { notices, lifecycle } = this.#context;
    const { clock = realClock, matches } = following;
    for (;;) {
      await sleep(clock, LOOK_MS, lifecycle.signal).catch(() => {});
      if (lifecycle.signal.aborted) return;
      const fresh = matches().filter((file) => this.#isNew(file));
      if (fresh.length === 0) continue;
      for (const file of fresh) notices.line(notices.paint('dim', `Following ${safe(file)}, too`));
      const lines = fresh.map((file) => [file, this.#follow(file, Number.POSITIVE_INFINITY, () => {})] as const);
      for (const [file, each] of lines) this.#opened.set(file, each);
      await Promise.all([...lines.map(([file, each]) => give(each, file, following)), this.#watch(following)]);
    }
  }

  /** A log that is followed keeps its lines when it is renamed or copied away. */
  #isNew(file: string): boolean {
    if (this.#opened.has(file) || isPacked(file)) return false;
    for (const known of this.#opened.keys()) if (isRotatedPartOf(file, known)) return false;
    const status = statSync(resolve(this.#context.cwd, file), { bigint: true, throwIfNoEntry: false });
    return status?.isFile() === true && !this.#seen.has(status);
  }
}

function isPacked(file: string): boolean {
  return /\.(?:gz|zst)$/.test(file);
}

/** Without those that are another one of `files` under another name. */
function onceEach(files: readonly string[], cwd: string): readonly string[] {
  const byFile = new Map<string, string>();
  for (const file of files) {
    const status = statSync(resolve(cwd, file), { throwIfNoEntry: false });
    const identity = status === undefined ? file : `${status.dev}:${status.ino}`;
    if (!byFile.has(identity)) byFile.set(identity, file);
  }
  return [...byFile.values()];
}

async function give(lines: AsyncIterable<string>, file: string, { onLine }: LogFollowing): Promise<void> {
  for await (const line of lines) onLine(line, file);
}

async function* afterFirst(first: Promise<IteratorResult<string>>, lines: AsyncGenerator<string>) {
  const begun = await first;
  if (begun.done !== true) yield begun.value;
  yield* lines;
}

function signalOf<T>(): { readonly promise: Promise<T>; readonly settle: (value: T) => void } {
  let settle: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

/** Files that were opened, by whatever name they go now. */
class SeenFiles {
  readonly #births = new Map<string, bigint>();

  add({ dev, ino, birthtimeNs }: FileIdentity): void {
    this.#births.set(`${dev}:${ino}`, birthtimeNs);
  }

  has({ dev, ino, birthtimeNs, ctimeNs }: FileIdentity): boolean {
    const born = this.#births.get(`${dev}:${ino}`);
    // The number of a file that is gone is given to another one. Where a system keeps no time of birth, it is the
    // time of the last change.
    return born !== undefined && (born === birthtimeNs || birthtimeNs === ctimeNs);
  }
}
