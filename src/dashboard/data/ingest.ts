/** Records → data, a batch at a time. Pure: the data before stays as it was. */
import type { LogRecord } from '../../record/index.js';
import type { Data } from './data.js';
import { DataDraft } from './data-draft.js';

export interface IngestLimits {
  /** New traces followed in one batch; more are counted and left out, so that a flood costs little. */
  readonly newTraces: number;
}

const NO_LIMITS: IngestLimits = { newTraces: Number.POSITIVE_INFINITY };

/** `data` and the records of `batch`; `dropped` more were lost before them. */
export function ingest(data: Data, batch: readonly LogRecord[], dropped = 0, limits = NO_LIMITS): Data {
  if (batch.length === 0) return dropped === 0 ? data : { ...data, leftOut: data.leftOut + dropped };
  const draft = new DataDraft(data, batch[0]?.session ?? '', limits.newTraces);
  for (const record of batch) draft.add(record);
  return draft.finish(dropped);
}
