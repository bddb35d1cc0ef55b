/** A file system of a few megabytes in memory, where this user may mount one. */
import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(64 * 1024);

export class SmallDisk {
  readonly folder: string;
  readonly #filler: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.#filler = join(folder, 'filler');
  }

  /** `undefined` where nothing can be mounted. */
  static mount(folder: string, megabytes: number): SmallDisk | undefined {
    mkdirSync(folder);
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', folder]);
    return status === 0 ? new SmallDisk(folder) : undefined;
  }

  /** Takes all the space that is left. */
  fill(): void {
    const fd = openSync(this.#filler, 'a');
    for (let block = BLOCK; block.length > 0; ) {
      try {
        writeSync(fd, block);
      } catch {
        block = block.subarray(0, block.length >> 1);
      }
    }
    closeSync(fd);
  }

  free(): void {
    rmSync(this.#filler, { force: true });
  }

  /** No more writes; false where the system does not let it. */
  readOnly(): boolean {
    return spawnSync('mount', ['-o', 'remount,ro', this.folder]).status === 0;
  }

  dispose(): void {
    spawnSync('umount', ['-l', this.folder]);
  }
}
