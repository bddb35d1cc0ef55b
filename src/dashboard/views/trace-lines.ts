/** An open trace as lines: what led to what, how it ended, and the row in focus at length. */
import { formatDuration } from '../../kernel/index.js';
import type { DeliveryNode } from '../../trace/index.js';
import type { Waterfall, WaterfallRow } from '../select/waterfall.js';
import { field, type Line, type Span, span } from '../text/line.js';
import { many } from '../text/many.js';
import { type Glyphs, serviceTone, type Tone } from '../text/theme.js';
import type { PaneRow } from './Pane.js';

export function summary({ analysis, outcome, stats }: Waterfall): Line {
  const { counts, durationMs } = analysis;
  const { events, deliveries, errors, retries, orphans, dead, dropped, abandoned } = counts;
  const tone: Tone = outcome === 'failed' ? 'bad' : outcome === 'ok' && dropped === 0 ? 'ok' : 'warn';
  const facts = [many(events, 'event'), many(deliveries, 'delivery', 'deliveries'), formatDuration(durationMs)];
  if (errors > 0) facts.push(many(errors, 'error'));
  if (retries > 0) facts.push(many(retries, 'retry', 'retries'));
  if (dead > 0) facts.push(`${dead} dead`);
  if (dropped > 0) facts.push(`${dropped} dropped`);
  if (abandoned > 0) facts.push(`${abandoned} abandoned`);
  if (orphans > 0) facts.push(many(orphans, 'orphan'));
  if (stats.records.length < stats.recordCount)
    facts.push(`first ${stats.records.length} of ${stats.recordCount} records`);
  if (outcome === 'unknown') facts.push('deliveries were not logged');
  return [span(` ${outcome}`, tone), span(` ${facts.join(', ')}`, 'dim')];
}

export function labelOf(row: WaterfallRow, width: number, glyphs: Glyphs): Line {
  const { node, depth, below, folded } = row;
  const fold = below === 0 ? ' ' : folded ? glyphs.folded : glyphs.open;
  const indent = `${' '.repeat(Math.min(depth, Math.floor(width / 2)))}${fold} `;
  const room = Math.max(1, width - indent.length);
  if (node.kind === 'event') {
    const orphan = node.event.cause.kind === 'missing' ? ' (cause not seen)' : '';
    return [span(indent, 'dim'), field(`${node.event.type}${orphan}`, room, 'title')];
  }
  const { service, handler } = node.delivery;
  const name = service === '' ? handler : `${service}.${handler}`;
  const [sign, tone] = signOf(node.delivery, glyphs);
  return [span(indent, 'dim'), span(`${sign} `, tone), field(name, Math.max(1, room - 2), serviceTone(service))];
}

function signOf({ state, attempts }: DeliveryNode, glyphs: Glyphs): readonly [string, Tone] {
  switch (state.kind) {
    case 'done':
      return attempts.length > 1 ? [glyphs.warn, 'warn'] : [glyphs.ok, 'ok'];
    case 'running':
    case 'waiting':
      return [glyphs.running, 'accent'];
    case 'unknown':
      return [glyphs.pending, 'dim'];
    default:
      return [glyphs.bad, 'bad'];
  }
}

export function endOf({ node, length, start }: WaterfallRow, width: number): readonly Span[] {
  if (node.kind === 'event') return [field(`+${formatDuration(start)}`, width, 'dim', 'right')];
  const { state, attempts } = node.delivery;
  const word = state.kind === 'done' ? '' : ` ${state.kind}`;
  const tries = attempts.length > 1 ? ` ${attempts.length}x` : '';
  const tone: Tone =
    state.kind === 'done' ? 'plain' : state.kind === 'running' || state.kind === 'waiting' ? 'accent' : 'bad';
  return [field(`${length === undefined ? '' : formatDuration(length)}${tries}${word}`, width, tone, 'right')];
}

export function detailOf({ node, start }: WaterfallRow): PaneRow[] {
  if (node.kind === 'event') {
    const { id, source, published, noSubscribers } = node.event;
    const keys = published === undefined ? '' : `  payload: ${published.payloadKeys.join(', ') || 'empty'}`;
    const unheard = noSubscribers ? '  nobody subscribes to it' : '';
    return [
      {
        line: [span(`event ${id}`, 'accent'), span(`  from ${source ?? '?'}  at +${formatDuration(start)}${unheard}`)],
      },
      { line: [span(keys.trim(), 'dim')] },
    ];
  }
  const { id, state, queuedMs, attempts } = node.delivery;
  const error =
    'error' in state
      ? state.error
      : attempts.map(({ end }) => (end.kind === 'failed' ? end.error : undefined)).findLast((one) => one);
  const reason = 'reason' in state ? state.reason : '';
  const waited = queuedMs === undefined ? '' : `  queued ${formatDuration(queuedMs)}`;
  const text = error === undefined ? reason : `${error.name}: ${error.message}`;
  return [
    {
      line: [
        span(`delivery ${id}`, 'accent'),
        span(`  at +${formatDuration(start)}${waited}  ${many(attempts.length, 'attempt')}`),
      ],
    },
    { line: [span(text, error === undefined ? 'dim' : 'bad')] },
  ];
}
