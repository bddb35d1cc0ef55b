/** Every record of some logs, one after the other. */
import type { LogRecord } from '../../record/index.js';
import type { ReadReport } from '../find-result.js';
import { RecordScanner } from '../listing/record-scanner.js';
import { type LogInput, openInputs } from './input.js';
import { forEachLine } from './line-blocks.js';
import { nextTurn } from './scan-helper.js';
import { Tally } from './tally.js';

export interface ReadOptions {
  /** Called with the bytes that are read so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/**
 * Calls `onRecord` with every record of `inputs`, rotated parts first; memory does not grow with the log.
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export function readRecords(
  inputs: readonly LogInput[],
  onRecord: (record: LogRecord) => void,
  options: ReadOptions = {},
): Promise<ReadReport> {
  return readLines(inputs, options, (line, tally) => {
    const record = tally.record(line);
    if (record !== undefined) onRecord(record);
  });
}

/**
 * The same, but of the records of traces those alone that `isWanted` says so of, which is given the line's bytes and what
 * was scanned of them. Others are not parsed.
 */
export function readWanted(
  inputs: readonly LogInput[],
  isWanted: (line: Buffer, scanned: RecordScanner) => boolean,
  onRecord: (record: LogRecord) => void,
  options: ReadOptions = {},
): Promise<ReadReport> {
  const scanner = new RecordScanner();
  return readLines(inputs, options, (line, tally) => {
    if (scanner.scan(line, 0, line.length) && !isWanted(line, scanner)) return tally.scanned();
    const record = tally.record(line);
    if (record !== undefined) onRecord(record);
  });
}

async function readLines(
  inputs: readonly LogInput[],
  { onProgress }: ReadOptions,
  onLine: (line: Buffer, tally: Tally) => void,
): Promise<ReadReport> {
  const tally = new Tally(onProgress);
  for (const part of openInputs(inputs)) {
    tally.begin(part);
    for await (const block of part.blocks()) {
      tally.took(block);
      forEachLine(block.lines, (line) => onLine(line, tally));
      await nextTurn();
    }
  }
  return tally.report();
}
