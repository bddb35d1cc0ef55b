/** Random damage to a text, the same for the same generator. */
import type { Random } from '../../../../src/kernel/index.js';

export function pick<T>(random: Random, from: readonly T[], otherwise: T): T {
  return from[Math.floor(random.next() * from.length)] ?? otherwise;
}

function upTo(random: Random, most: number): number {
  return Math.floor(random.next() * (most + 1));
}

/** `bytes` with one to five pieces of damage; `pieces` are what may be put in. */
export function damaged(bytes: Buffer, random: Random, pieces: readonly string[]): Buffer {
  let result = bytes;
  const times = 1 + upTo(random, 4);
  for (let n = 0; n < times; n++) result = damage(result, random, pieces);
  return result;
}

function damage(bytes: Buffer, random: Random, pieces: readonly string[]): Buffer {
  const at = upTo(random, bytes.length);
  const length = upTo(random, 60);
  const piece = Buffer.from(pick(random, pieces, ''));
  const { before, behind } = { before: bytes.subarray(0, at), behind: bytes.subarray(at) };
  switch (upTo(random, 8)) {
    case 0:
      return Buffer.concat([before, bytes.subarray(at + length)]);
    case 1:
      return Buffer.concat([before, piece, behind]);
    case 2:
      return Buffer.concat([before, piece, bytes.subarray(at + length)]);
    case 3:
      return Buffer.from(before);
    case 4:
      return withLines(bytes, random, (lines, line) => lines.toSpliced(line, 1));
    case 5:
      return withLines(bytes, random, (lines, line) => lines.toSpliced(line, 0, lines[line] ?? ''));
    case 6:
      return withLines(bytes, random, (lines, line) =>
        lines.toSpliced(upTo(random, lines.length), 0, ...lines.slice(line, line + 5)),
      );
    case 7: {
      const flipped = Buffer.from(bytes);
      for (let n = 0; n < 3; n++) {
        const where = upTo(random, flipped.length - 1);
        flipped[where] = (flipped[where] ?? 0) ^ (1 << upTo(random, 7));
      }
      return flipped;
    }
    default:
      return Buffer.concat([before, Buffer.from(piece.toString().repeat(upTo(random, 200))), behind]);
  }
}

function withLines(bytes: Buffer, random: Random, change: (lines: string[], line: number) => string[]): Buffer {
  const lines = bytes.toString('utf8').split('\n');
  return Buffer.from(change(lines, upTo(random, lines.length - 1)).join('\n'));
}
