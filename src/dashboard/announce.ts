/** For screen readers: what changed, as lines. Nothing is drawn twice, nothing is drawn over. */
import { safe } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';
import { BINDINGS, keyLabel } from './keys.js';
import { type Model, shownData, tellsDeliveries } from './model.js';
import { expectationText } from './select/expectation.js';
import { logRows } from './select/log.js';
import { clockTime, recordText } from './select/message.js';
import { indexOf } from './select/rows.js';
import { percentiles, subscriberRows } from './select/subscribers.js';
import { traceRows } from './select/traces.js';
import { troubles } from './select/trouble.js';
import { typeRows } from './select/types.js';
import { waterfall } from './select/waterfall.js';
import { many } from './text/many.js';
import { type Glyphs, makeTheme } from './text/theme.js';

/** Words for signs. */
const WORDS: Glyphs = {
  ...makeTheme('none', true).glyphs,
  arrow: 'published',
  folded: 'began:',
  ok: 'done:',
  warn: '',
  bad: '',
};
/** Failures read out one by one; more are counted. */
const MOST_FAILURES = 3;

const PANE_NAMES: Readonly<Record<Model['focus'], string>> = {
  types: 'Event types',
  subscribers: 'Subscribers',
  traces: 'Traces',
  expectations: 'Expectations',
  log: 'Log',
};

/** The first lines. */
export function greeting(model: Model): readonly string[] {
  return [
    `cf-bus dashboard: ${model.header.title}. Question mark lists the keys, Tab goes through the panes, q quits.`,
  ].map(safe);
}

/** What a person who cannot see the screen wants to hear of the step from `before` to `after`. */
export function announce(before: Model, after: Model): readonly string[] {
  return [...alarms(before, after), ...states(before, after), ...places(before, after)].map(safe);
}

function alarms(before: Model, after: Model): readonly string[] {
  const old = new Set(troubles(before).map(({ text }) => kindOf(text)));
  const now = troubles(after);
  const started = now.filter(({ text }) => !old.has(kindOf(text))).map(({ text }) => `Trouble: ${text}`);
  const kinds = new Set(now.map(({ text }) => kindOf(text)));
  const ended = troubles(before)
    .filter(({ text }) => !kinds.has(kindOf(text)))
    .map(({ text }) => `No longer: ${kindOf(text)}`);
  return [...started, ...ended, ...failures(before, after)];
}

/** Without its figures, which change all the time. */
function kindOf(text: string): string {
  return text.replace(/:.*$/, '').replaceAll(/\d+ /g, '');
}

function failures(before: Model, after: Model): readonly string[] {
  if (after.frozen !== undefined) return [];
  const known = before.data.problems.at(-1)?.n ?? 0;
  const fresh = after.data.problems.filter(({ n, record }) => n > known && record.level === 'error');
  const lines = fresh
    .slice(-MOST_FAILURES)
    .map(({ time, record }) => `${clockTime(time)} error: ${spoken(record).text}`);
  return fresh.length > MOST_FAILURES ? [`${fresh.length - MOST_FAILURES} more errors`, ...lines] : lines;
}

function states(before: Model, after: Model): readonly string[] {
  const lines: string[] = [];
  if (before.frozen === undefined && after.frozen !== undefined) lines.push('View paused. Space goes on.');
  if (before.frozen !== undefined && after.frozen === undefined) lines.push('View goes on.');
  if (!before.finished && after.finished) lines.push('The traffic is over.');
  if (before.data.life.kind !== after.data.life.kind) lines.push(`The session is ${after.data.life.kind}.`);
  if (after.notice !== undefined && after.notice.text !== before.notice?.text) lines.push(after.notice.text);
  for (const [index, view] of after.expectations.entries()) {
    if (before.expectations[index]?.state !== view.state && view.state !== 'pending')
      lines.push(`Expectation ${view.state}: ${expectationText(view)}`);
  }
  if (before.scrub !== undefined && after.scrub !== undefined && before.scrub.at !== after.scrub.at) {
    lines.push(`Record ${after.scrub.at} of ${after.scrub.total}: ${logRow(after)}`);
  }
  return lines;
}

/** Where the person went, read out. */
function places(before: Model, after: Model): readonly string[] {
  const { overlay, focus } = after;
  if (overlay.kind === 'help')
    return before.overlay.kind === 'help'
      ? []
      : BINDINGS.map(({ keys, help }) => `${keys.map((key) => keyLabel(key, true)).join(' or ')}: ${help}`);
  if (overlay.kind === 'trace')
    return before.overlay.kind === 'trace' && before.overlay.cursor === overlay.cursor
      ? []
      : traceLines(after, before.overlay.kind !== 'trace');
  if (before.filterText !== after.filterText && after.prompt.kind === 'none')
    return [`${logRows(after).rows.length} records match. ${logRow(after)}`];
  if (before.focus !== focus || before.overlay.kind !== 'none') return [`${PANE_NAMES[focus]}. ${focusRow(after)}`];
  return before.cursors[focus] === after.cursors[focus] && sortOf(before) === sortOf(after) ? [] : [focusRow(after)];
}

function sortOf({ focus, sorts }: Model): string {
  return focus === 'types' || focus === 'subscribers' || focus === 'traces' ? sorts[focus] : '';
}

function traceLines(model: Model, opened: boolean): readonly string[] {
  const shown = waterfall(model);
  if (shown === undefined || model.overlay.kind !== 'trace') return ['This trace is no longer held here.'];
  const at = indexOf(
    shown.rows.map(({ key }) => key),
    model.overlay.cursor,
    'trace',
  );
  const row = shown.rows[at];
  const head = opened
    ? [
        `Trace ${shown.stats.id}: ${shown.outcome}, ${Math.round(shown.analysis.durationMs)} milliseconds, ${shown.rows.length} rows.`,
      ]
    : [];
  if (row === undefined) return head;
  const { node, depth, start } = row;
  const what =
    node.kind === 'event' ? `event ${node.event.type}` : `${node.delivery.handler} ${node.delivery.state.kind}`;
  const took = node.kind === 'delivery' && row.length !== undefined ? `, took ${row.length} milliseconds` : '';
  return [
    ...head,
    `Row ${at + 1} of ${shown.rows.length}, level ${depth + 1}: ${what}, after ${Math.round(start)} milliseconds${took}`,
  ];
}

function focusRow(model: Model): string {
  const cursor = model.cursors[model.focus];
  switch (model.focus) {
    case 'log':
      return logRow(model);
    case 'types': {
      const rows = typeRows(model);
      const at = indexOf(
        rows.map(({ key }) => key),
        cursor,
        'types',
      );
      const row = rows[at];
      return row === undefined
        ? 'empty'
        : `${at + 1} of ${rows.length}: ${row.key}, ${many(row.stats.count, 'event')}, ${many(row.stats.errors, 'error')}`;
    }
    case 'subscribers': {
      const rows = subscriberRows(model);
      const at = indexOf(
        rows.map(({ key }) => key),
        cursor,
        'subscribers',
      );
      const row = rows[at];
      if (row === undefined) return 'empty';
      const p95 = percentiles(row.stats)?.p95;
      const { inFlight, queued, waiting, delivered, errors } = row.stats;
      const start = `${at + 1} of ${rows.length}: ${row.key}, ${row.state.kind}`;
      if (!tellsDeliveries(model)) return `${start}, deliveries not logged, ${many(errors, 'error')}`;
      return `${start}, ${inFlight} in flight, ${queued + waiting} waiting, ${delivered} delivered, ${many(errors, 'error')}${p95 === undefined ? '' : `, p95 ${p95} milliseconds`}`;
    }
    case 'traces': {
      const rows = traceRows(model);
      const at = indexOf(
        rows.map(({ key }) => key),
        cursor,
        'traces',
      );
      const row = rows[at];
      return row === undefined
        ? 'empty'
        : `${at + 1} of ${rows.length}: ${row.stats.id}, ${row.state}, began with ${row.stats.root}, ${many(row.stats.events, 'event')}, ${many(row.stats.errors, 'error')}`;
    }
    case 'expectations': {
      const one = model.expectations[Math.max(0, cursor.at)];
      return one === undefined ? 'empty' : `${one.state}: ${expectationText(one)}`;
    }
  }
}

function spoken(record: LogRecord): { readonly text: string; readonly origin: string } {
  const { text, origin } = recordText(record, WORDS);
  return { text: text.trim(), origin };
}

function logRow(model: Model): string {
  const { rows } = logRows(model);
  const seen =
    rows[
      indexOf(
        rows.map(({ n }) => String(n)),
        model.cursors.log,
        'log',
      )
    ];
  if (seen === undefined) return `no record; ${shownData(model).total} in all`;
  const { text, origin } = spoken(seen.record);
  const trace = typeof seen.record.trace_id === 'string' ? `, trace ${seen.record.trace_id}` : '';
  return `${clockTime(seen.time)} ${seen.record.level} ${origin} ${text}${trace}`;
}
