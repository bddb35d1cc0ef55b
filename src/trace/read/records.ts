/** Every record of some logs, one after the other. */
import type { LogRecord } from '../../record/index.js';
import type { ReadReport } from '../find-result.js';
import type { Decoded } from './decode.js';
import { type LogInput, openInputs } from './input.js';
import { forEachLine } from './line-blocks.js';
import { Tally } from './tally.js';

/**
 * Calls `onRecord` with every record of `inputs`, rotated parts first; memory does not grow with the log.
 * @throws CfBusError `FILE_UNREADABLE` naming the file.
 */
export function readRecords(inputs: readonly LogInput[], onRecord: (record: LogRecord) => void): Promise<ReadReport> {
  return readDecoded(inputs, (decoded) => {
    if (decoded.kind === 'record' || decoded.kind === 'salvaged') onRecord(decoded.record);
  });
}

/** The same with every line, whatever it is. */
export async function readDecoded(
  inputs: readonly LogInput[],
  onLine: (decoded: Decoded, tally: Tally) => void,
): Promise<ReadReport> {
  const tally = new Tally();
  for (const part of openInputs(inputs)) {
    tally.begin(part.name);
    for await (const block of part.blocks()) {
      tally.took(block);
      forEachLine(block.lines, (line) => onLine(tally.decode(line), tally));
    }
  }
  return tally.report();
}
