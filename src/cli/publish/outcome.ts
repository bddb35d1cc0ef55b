/** What became of a publish, for people and for programs. */
import { formatDuration, plural, safe, suggest } from '../../kernel/index.js';
import { buildCascade, renderCascade, type TraceJson, traceJson } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import { idArgument } from '../trace-missing.js';
import type { Settlement, Taken } from './target.js';

export type Outcome =
  | { readonly kind: 'settled'; readonly settlement: Settlement }
  /** `--timeout` passed before everything had ended. */
  | { readonly kind: 'late' }
  /** Not waited for. */
  | { readonly kind: 'sent' };

export interface Published {
  readonly session: string;
  readonly taken: Taken;
  readonly outcome: Outcome;
}

/** Whether the answer is yes, no, or not known. */
export function exitCodeOf({ outcome }: Published): ExitCode {
  if (outcome.kind === 'late') return 3;
  if (outcome.kind === 'sent') return 0;
  const { settled, failed } = outcome.settlement;
  return failed > 0 ? 1 : settled ? 0 : 3;
}

export interface PublishedJson {
  readonly event_id: string;
  readonly trace_id: string;
  readonly session: string;
  /** `null` where it was not waited for. */
  readonly settled: boolean | null;
  readonly failed: number | null;
  /** What the event caused, as `trace --format json` has it; `null` where it was not waited for. */
  readonly tree: TraceJson | null;
}

export function publishedJson({ session, taken, outcome }: Published): PublishedJson {
  const cascade = outcome.kind === 'sent' ? undefined : buildCascade(taken.records, taken.eventId);
  const settlement = outcome.kind === 'settled' ? outcome.settlement : undefined;
  return {
    event_id: taken.eventId,
    trace_id: taken.traceId,
    session,
    settled: outcome.kind === 'sent' ? null : (settlement?.settled ?? false),
    failed: settlement?.failed ?? null,
    tree: cascade === undefined ? null : traceJson(cascade.trace, cascade.analysis),
  };
}

/** The whole story of one event: the tree of what it caused. */
export function printTree({ out, ascii }: Context, { taken, outcome }: Published): void {
  if (outcome.kind === 'sent') out.line(`${safe(taken.eventId)}  trace ${safe(taken.traceId)}`);
  else {
    const { eventId, records } = taken;
    out.write(renderCascade(records, { eventId, width: out.columns, color: out.color, ascii }));
  }
}

/** One line, where many events are published. */
export function printLine({ out }: Context, { taken, outcome }: Published): void {
  const id = safe(taken.traceId);
  if (outcome.kind === 'sent') return out.line(id);
  const { analysis } = buildCascade(taken.records, taken.eventId);
  const { events, deliveries, errors } = analysis.counts;
  const failed = outcome.kind === 'settled' && outcome.settlement.failed > 0;
  const word = outcome.kind === 'late' ? 'LATE' : failed ? 'FAILED' : 'ok';
  const counts = [plural(events, 'event'), plural(deliveries, 'delivery', 'deliveries')];
  if (errors > 0) counts.push(plural(errors, 'error'));
  const styled = out.paint(failed ? 'red' : outcome.kind === 'late' ? 'yellow' : 'green', word.padEnd(6));
  out.line(
    `${styled}  ${id}  ${formatDuration(analysis.durationMs).padStart(7)}  ${out.paint('dim', counts.join(', '))}`,
  );
}

/** Says on stderr what a person may not expect. */
export function printNotices(context: Context, published: Published, type: string, known: Iterable<string>): void {
  const { notices } = context;
  const { taken, outcome } = published;
  const first = taken.records.find((record) => record.event === 'event_published' && record.event_id === taken.eventId);
  if (first?.event === 'event_published' && first.subscriber_count === 0) {
    const near = suggest(
      type,
      [...known].filter((other) => other !== type),
    );
    const hint = near === undefined ? '' : `; did you mean ${near}?`;
    notices.line(notices.paint('yellow', `Nobody subscribes to ${safe(type)}${hint}`));
  }
  if (outcome.kind === 'late') {
    notices.line(notices.paint('yellow', `It goes on: later, cf-bus trace ${idArgument(taken.traceId)}`));
  } else if (outcome.kind === 'settled') {
    const { settled, recordsLeftOut } = outcome.settlement;
    if (!settled) notices.line(notices.paint('yellow', 'The session ended before everything had.'));
    if (recordsLeftOut > 0)
      notices.line(`${plural(recordsLeftOut, 'more record')}: cf-bus trace ${idArgument(taken.traceId)}`);
  }
}
