import type { ReactElement } from 'react';
import { formatDuration } from '../../kernel/index.js';
import type { DeliveryNode } from '../../trace/index.js';
import type { Model } from '../model.js';
import { indexOf, windowTop } from '../select/rows.js';
import { type Waterfall, type WaterfallRow, waterfall } from '../select/waterfall.js';
import { field, gap, type Line, type Span, span } from '../text/line.js';
import { type Glyphs, serviceTone, type Tone } from '../text/theme.js';
import { barSpans } from './bars.js';
import { innerSize, Pane, type PaneRow, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly width: number;
  readonly height: number;
  readonly boxed: boolean;
}

export function TracePane({ ui, model, ...size }: Props): ReactElement | null {
  const shown = waterfall(model);
  if (model.overlay.kind !== 'trace') return null;
  const inner = innerSize(size);
  const title: Line = [
    span('Trace ', 'title'),
    span(shown?.stats.id ?? model.overlay.key, 'accent'),
    ...(shown ? summary(shown) : []),
  ];
  const rows =
    shown === undefined
      ? [{ line: [span('this trace is no longer held here', 'warn')] }]
      : rowsOf(shown, model, inner, ui.theme.glyphs);
  return <Pane {...size} ui={ui} focused title={title} note="Esc back" rows={rows} />;
}

function summary({ analysis, trace, stats }: Waterfall): Line {
  const { counts, outcome, durationMs } = analysis;
  const tone: Tone = outcome === 'failed' ? 'bad' : outcome === 'ok' ? 'ok' : 'warn';
  const facts = [`${counts.events} events`, `${counts.deliveries} deliveries`, formatDuration(durationMs)];
  if (counts.errors > 0) facts.push(`${counts.errors} errors`);
  if (counts.retries > 0) facts.push(`${counts.retries} retries`);
  if (counts.orphans > 0) facts.push(`${counts.orphans} orphans`);
  if (stats.records.length < stats.recordCount)
    facts.push(`first ${stats.records.length} of ${stats.recordCount} records`);
  if (!trace.deliveriesLogged) facts.push('deliveries were not logged');
  return [span(` ${outcome}`, tone), span(` ${facts.join(', ')}`, 'dim')];
}

function rowsOf(
  shown: Waterfall,
  model: Model,
  inner: { readonly width: number; readonly height: number },
  glyphs: Glyphs,
): PaneRow[] {
  if (model.overlay.kind !== 'trace') return [];
  const { rows, analysis } = shown;
  const index = indexOf(
    rows.map(({ key }) => key),
    model.overlay.cursor,
    'trace',
  );
  const detailHeight = inner.height >= 8 ? 2 : 0;
  const height = inner.height - detailHeight;
  const top = windowTop(rows.length, index, height);
  const label = Math.max(14, Math.min(60, Math.floor(inner.width * 0.42)));
  const bar = Math.max(4, inner.width - label - 20);
  const lines: PaneRow[] = rows.slice(top, top + height).map((row, offset) => ({
    line: [...labelOf(row, label, glyphs), gap, ...barSpans(row, analysis, bar, glyphs), gap, ...endOf(row, 18)],
    selected: top + offset === index ? 'focus' : undefined,
  }));
  while (lines.length < height) lines.push({ line: [] });
  const chosen = rows[index];
  return chosen === undefined || detailHeight === 0 ? lines : [...lines, ...detailOf(chosen)];
}

function labelOf(row: WaterfallRow, width: number, glyphs: Glyphs): Line {
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

function endOf({ node, length, start }: WaterfallRow, width: number): readonly Span[] {
  if (node.kind === 'event') return [field(`+${formatDuration(start)}`, width, 'dim', 'right')];
  const { state, attempts } = node.delivery;
  const word = state.kind === 'done' ? '' : ` ${state.kind}`;
  const tries = attempts.length > 1 ? ` ${attempts.length}x` : '';
  const tone: Tone =
    state.kind === 'done' ? 'plain' : state.kind === 'running' || state.kind === 'waiting' ? 'accent' : 'bad';
  return [field(`${length === undefined ? '' : formatDuration(length)}${tries}${word}`, width, tone, 'right')];
}

function detailOf({ node, start }: WaterfallRow): PaneRow[] {
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
        span(`  at +${formatDuration(start)}${waited}  ${attempts.length} attempts`),
      ],
    },
    { line: [span(text, error === undefined ? 'dim' : 'bad')] },
  ];
}
