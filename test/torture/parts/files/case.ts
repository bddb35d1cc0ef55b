/** A hostile file: what it is, and what must become of it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `fine`: it is read and gives a result; `refused`: one clear error, exit code 2; `either`: one of both. */
export type Expectation = 'fine' | 'refused' | 'either';

export interface FileCase {
  readonly name: string;
  readonly expect: Expectation;
  /** What is printed must match this. */
  readonly says?: RegExp;
  /** Makes the file in an empty folder; gives the path to read. */
  make(folder: string): string;
}

/** What is in a file; a function where it is large. */
export type Content = Uint8Array | string | (() => Uint8Array | string);

/** A file of these bytes. */
export function bytes(name: string, expect: Expectation, content: Content, says?: RegExp): FileCase {
  return {
    name,
    expect,
    ...(says === undefined ? {} : { says }),
    make: (folder) => write(join(folder, 'file'), contentOf(content)),
  };
}

export function contentOf(content: Content): Uint8Array | string {
  return typeof content === 'function' ? content() : content;
}

function write(path: string, content: Uint8Array | string): string {
  writeFileSync(path, content);
  return path;
}

interface KindsOptions {
  /** A file that is read without trouble. */
  readonly good: string;
  /** What becomes of an empty file, and so of /dev/null. */
  readonly empty: Expectation;
}

/** What a path may lead to that is no ordinary file. */
export function kinds({ good, empty }: KindsOptions): readonly FileCase[] {
  const root = process.getuid?.() === 0;
  const at = (name: string, expect: Expectation, make: FileCase['make'], says?: RegExp): FileCase => ({
    name,
    expect,
    make,
    ...(says === undefined ? {} : { says }),
  });
  const link = (target: string) => (folder: string) => {
    symlinkSync(target, join(folder, 'link'));
    return join(folder, 'link');
  };
  return [
    at('a folder', 'refused', (folder) => folder),
    at('nothing', 'refused', (folder) => join(folder, 'nothing')),
    at('a path through a file', 'refused', (folder) => join(write(join(folder, 'file'), good), 'more')),
    at('a path that is too long', 'refused', (folder) => join(folder, 'x'.repeat(5_000))),
    at('a name that is too long', 'refused', (folder) => join(folder, 'x'.repeat(300))),
    at('a name of escape sequences', 'refused', (folder) => join(folder, '\u001b[2J\u001b]0;x\u0007\r\u202e')),
    at('a name with a line break', 'refused', (folder) => join(folder, 'a\ncf-bus: all is well')),
    at('an empty name', 'refused', () => ''),
    at('a link in a circle', 'refused', link('link')),
    at('two links in a circle', 'refused', (folder) => {
      symlinkSync('b', join(folder, 'a'));
      symlinkSync('a', join(folder, 'b'));
      return join(folder, 'a');
    }),
    at('forty-one links one after the other', 'refused', (folder) => {
      write(join(folder, 'l0'), good);
      for (let n = 1; n <= 41; n++) symlinkSync(`l${n - 1}`, join(folder, `l${n}`));
      return join(folder, 'l41');
    }),
    at('a link to nothing', 'refused', link('nothing')),
    at('a link to a folder', 'refused', link('.')),
    at('a link to /dev/zero', 'refused', link('/dev/zero')),
    at('/dev/zero', 'refused', () => '/dev/zero'),
    at('/dev/full', 'refused', () => '/dev/full'),
    at('/dev/urandom', 'refused', () => '/dev/urandom'),
    at('/dev/tty', 'refused', () => '/dev/tty'),
    at('/dev/null', empty, () => '/dev/null'),
    at('a named pipe that nobody writes to', 'refused', (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      return join(folder, 'pipe');
    }),
    at('a link to such a pipe', 'refused', (folder) => {
      execFileSync('mkfifo', [join(folder, 'pipe')]);
      return link('pipe')(folder);
    }),
    at('an empty file', empty, (folder) => write(join(folder, 'file'), '')),
    at('a file that nobody may read', root ? 'fine' : 'refused', (folder) => {
      const path = write(join(folder, 'file'), good);
      chmodSync(path, 0);
      return path;
    }),
    at('a file in a folder that nobody may enter', root ? 'fine' : 'refused', (folder) => {
      mkdirSync(join(folder, 'locked'));
      const path = write(join(folder, 'locked', 'file'), good);
      chmodSync(join(folder, 'locked'), 0);
      return path;
    }),
    at('a good file behind a link', 'fine', (folder) => {
      write(join(folder, 'file'), good);
      return link('file')(folder);
    }),
    at('a good file whose name is an option', 'fine', (folder) => write(join(folder, '--help'), good)),
    at('a good file called *', 'fine', (folder) => write(join(folder, '*'), good)),
    at('a good file with a space, quotes and 日本 in its name', 'fine', (folder) =>
      write(join(folder, ` "it's" 日本 `), good),
    ),
  ];
}

/** A file of `size` bytes that takes no place on the disk: `start`, then NUL. */
export function sparse(path: string, start: string, size: number): string {
  write(path, start);
  const descriptor = openSync(path, 'r+');
  ftruncateSync(descriptor, size);
  closeSync(descriptor);
  return path;
}
