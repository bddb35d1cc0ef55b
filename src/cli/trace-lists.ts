/** `trace --list` and `trace --latest`: what reads every trace of a log. */
import { CfBusError } from '../kernel/index.js';
import {
  type FoundTimeline,
  type FoundTrace,
  findNewest,
  type ListOptions,
  type LogInput,
  listTraces,
} from '../trace/index.js';
import type { Context, ExitCode } from './context.js';
import type { TraceOptions } from './definitions/reading.js';
import type { LogReading } from './log-reading.js';
import { timesOf } from './moment.js';
import { painter } from './paint.js';
import { listJson, listLines, noteLeftOut } from './trace-list.js';
import { noTraces, noteUnread } from './trace-missing.js';
import { wantsJson, writePieces } from './trace-output.js';

/** The trace that began last. */
export async function findLatest(
  inputs: readonly LogInput[],
  options: TraceOptions,
  reading: LogReading,
): Promise<FoundTrace | FoundTimeline> {
  const files = inputs.filter((input) => typeof input === 'string');
  if (files.length < inputs.length) {
    throw new CfBusError('USAGE', '--latest reads a log twice, so it cannot read standard input');
  }
  const { cacheFolder, onProgress } = reading;
  const result = await findNewest(files, { ...listOptions(options), cacheFolder, onProgress }).finally(() =>
    reading.done(),
  );
  if (!result.found) throw noTraces(result.read, options);
  return result;
}

export async function list(
  context: Context,
  inputs: readonly LogInput[],
  options: TraceOptions,
  reading: LogReading,
): Promise<ExitCode> {
  const { onProgress } = reading;
  const found = await listTraces(inputs, { ...listOptions(options), onProgress }).finally(() => reading.done());
  noteUnread(context, found.read);
  if (found.size === 0 && !wantsJson(options)) throw noTraces(found.read, options);
  const paint = options.output === undefined ? context.out.paint : painter(false);
  const pieces = wantsJson(options) ? listJson(found, options.sort) : listLines(found, options.sort, paint);
  writePieces(context, options, pieces);
  noteLeftOut(context, found.leftOut, found.size);
  return 0;
}

function listOptions(options: TraceOptions): ListOptions {
  const { session, field, failed } = options;
  return { session, field, failed, ...timesOf(options) };
}
