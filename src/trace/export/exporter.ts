/** What every export is given. An export is text that is the same for the same trace, whenever and wherever it is made. */
import { type Analysis, analyse } from '../analysis.js';
import { type CriticalSegment, criticalPath } from '../critical-path.js';
import { type Folded, unfolded } from '../fold.js';
import type { DeliveryNode, EventNode, Trace } from '../forest.js';
import { selfTimes } from '../self-time.js';

export interface ExportSource {
  /** What to write: all of it, or what was left of it by folding. */
  readonly trace: Trace;
  readonly whole: Trace;
  readonly folded: Folded;
  /** Figures of the whole. */
  readonly analysis: Analysis;
  readonly critical: readonly CriticalSegment[];
  /** By delivery id, in milliseconds. */
  readonly selfMs: ReadonlyMap<string, number>;
  readonly events: ReadonlyMap<string, EventNode>;
}

/** One format: the traces of one id, the newest session's first, as a file's text. */
export type Exporter = (sources: readonly ExportSource[]) => string;

/** @param folded what of `whole` to write; default all of it. */
export function exportSource(whole: Trace, folded: Folded = unfolded(whole)): ExportSource {
  const self = selfTimes(whole.deliveries);
  return {
    trace: folded.trace,
    whole,
    folded,
    analysis: analyse(whole),
    critical: criticalPath(whole),
    selfMs: new Map(Array.from(self, ([{ id }, ms]) => [id, ms])),
    events: new Map(whole.events.map((event) => [event.id, event])),
  };
}

/** Milliseconds of a delivery's own work on the critical path. */
export function criticalMs(critical: readonly CriticalSegment[]): ReadonlyMap<string, number> {
  const ms = new Map<string, number>();
  for (const { kind, delivery, from, to } of critical) {
    if (kind === 'run' && delivery !== undefined) ms.set(delivery.id, (ms.get(delivery.id) ?? 0) + to - from);
  }
  return ms;
}

/** `service.handler`. */
export function handlerName({ service, handler }: DeliveryNode): string {
  return service === '' ? handler : `${service}.${handler}`;
}
