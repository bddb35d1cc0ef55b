/** A log and its older parts, as logrotate names them: `a.log`, `a.log.1`, `a.log.2.gz`, the oldest last. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

export class RotatedSet {
  readonly file: string;
  #count = 0;

  constructor(file: string) {
    this.file = file;
  }

  /** Renames the log, after all older parts; gives its new name. */
  rename(): string {
    const name = this.shift();
    renameSync(this.file, name);
    return name;
  }

  /** Makes room for a newest old part, and gives its name. */
  shift(): string {
    for (let number = this.#count; number >= 1; number--) {
      for (const end of ['', '.gz']) {
        const old = `${this.file}.${number}${end}`;
        if (existsSync(old)) renameSync(old, `${this.file}.${number + 1}${end}`);
      }
    }
    this.#count++;
    return `${this.file}.1`;
  }

  /** Packs the last but one, as `delaycompress` does: nobody writes there any more. */
  pack(): void {
    const name = `${this.file}.2`;
    if (!existsSync(name)) return;
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
    rmSync(name);
  }

  /** All parts that are there, the oldest first. */
  files(): string[] {
    const numbers = Array.from({ length: this.#count }, (_, index) => this.#count - index);
    const old = numbers.flatMap((number) => [`${this.file}.${number}.gz`, `${this.file}.${number}`]);
    return [...old, this.file].filter((name) => existsSync(name));
  }
}
