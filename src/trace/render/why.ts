/** The answers of `why` as text and as JSON. */
import { formatDuration, plural, safe } from '../../kernel/index.js';
import { isoTime } from '../time.js';
import type { WhyReport } from '../why.js';
import type { Verdict, WhySubscriber } from '../why-verdict.js';
import { type GapJson, gapJson } from './json.js';
import { ServiceStyles, type Span, type Style } from './palette.js';
import { columnsOf, truncate, wrap } from './text.js';
import { layoutOf, type RenderOptions } from './view.js';
import { causeSpans, errorText, gapWords, reasonText } from './words.js';

const SIGNS = {
  good: { unicode: '✓', ascii: '+', style: 'green' },
  bad: { unicode: '✗', ascii: 'x', style: 'error' },
  open: { unicode: '○', ascii: 'o', style: 'yellow' },
  none: { unicode: '·', ascii: '-', style: 'dim' },
} as const satisfies Readonly<Record<string, { unicode: string; ascii: string; style: Style }>>;

const GAP = 2;
const NAME_SHARE = 0.45;
const LINES = 3;

/** One line for each subscriber, or a few, that end in a line break. Text from the log is made safe to print. */
export function renderWhy(report: WhyReport, options: Omit<RenderOptions, 'fold'> = {}): string {
  const { event, traceId, session, subscribers, nearest } = report;
  const { width, glyphs, paint } = layoutOf(options, event.time, 0);
  const count = event.published?.subscriberCount;
  const lost = gapWords(report, 'this');
  const told = count === undefined ? '' : `, ${plural(count, 'subscriber')} then`;
  const head: (readonly Span[])[] = [
    [{ text: safe(event.type), style: 'bold' }, { text: `  ${safe(event.id)}` }],
    [
      {
        text: `published by ${safe(event.source ?? '?')} at ${isoTime(event.time).replace('T', ' ').replace('Z', ' UTC')}${told}`,
        style: 'dim',
      },
    ],
    [{ text: `trace ${safe(traceId)} ${glyphs.dot} session ${safe(session)}`, style: 'dim' }],
    ...(lost === '' ? [] : wrap([{ text: lost, style: 'yellow' }], width, LINES, glyphs.ellipsis)),
    ...(causeSpans(event.cause).length === 0 || event.cause.kind !== 'unknown' ? [] : [causeSpans(event.cause)]),
  ];
  const styles = new ServiceStyles();
  const names = subscribers.map((subscriber) => nameSpans(subscriber, styles));
  const nameWidth = Math.min(Math.floor(width * NAME_SHARE), Math.max(0, ...names.map(columnsOf)));
  const lines = subscribers.flatMap((subscriber, index) => {
    const { sign, words } = answerOf(subscriber);
    const { unicode, ascii, style } = SIGNS[sign];
    const mark: Span = { text: `${options.ascii === true ? ascii : unicode} `, style };
    const name = truncate(names[index] ?? [], nameWidth, glyphs.ellipsis);
    const start = 2 + nameWidth + GAP;
    const [first = [], ...more] = wrap(
      [{ text: words, style: textStyle(sign) }],
      Math.max(10, width - start),
      LINES,
      glyphs.ellipsis,
    );
    const blank = ' '.repeat(nameWidth - columnsOf(name) + GAP);
    return [
      [mark, ...name, { text: blank }, ...first],
      ...more.map((spans) => [{ text: ' '.repeat(start) }, ...spans]),
    ];
  });
  const none: (readonly Span[])[] =
    subscribers.length === 0 ? [[{ text: 'no subscriber of this session is in the log', style: 'yellow' }]] : [];
  const hint: (readonly Span[])[] =
    nearest === undefined
      ? []
      : [
          [],
          [
            {
              text: `no pattern matches; the nearest is ${safe(nearest.pattern)}, of ${safe(fullName(nearest))}`,
              style: 'yellow',
            },
          ],
        ];
  const all: (readonly Span[])[] = [...head, [], ...lines, ...none, ...hint];
  return `${all.map((spans) => truncate(spans, width, glyphs.ellipsis).map(paint).join('').trimEnd()).join('\n')}\n`;
}

function textStyle(sign: keyof typeof SIGNS): Style | undefined {
  if (sign === 'good') return undefined;
  return sign === 'bad' ? 'red' : SIGNS[sign].style;
}

function fullName({ service, handler }: { readonly service: string; readonly handler: string }): string {
  return service === '' ? handler : `${service}.${handler}`;
}

function nameSpans({ service, handler }: WhySubscriber, styles: ServiceStyles): readonly Span[] {
  if (service === '') return [{ text: safe(handler) }];
  return [{ text: safe(service), style: styles.of(service) }, { text: '.', style: 'dim' }, { text: safe(handler) }];
}

interface Answer {
  readonly sign: keyof typeof SIGNS;
  readonly words: string;
}

function answerOf({ verdict, patterns }: WhySubscriber): Answer {
  const through = patterns.length === 0 ? '' : ` (${patterns.map(safe).join(', ')})`;
  switch (verdict.kind) {
    case 'delivered': {
      const took = verdict.durationMs === undefined ? '' : ` in ${formatDuration(verdict.durationMs)}`;
      const tries = verdict.attempts > 1 ? `, at attempt ${verdict.attempts}` : '';
      return { sign: 'good', words: `delivered${took}${tries}${faultWords(verdict.fault)}${through}` };
    }
    case 'failed':
    case 'timed_out': {
      const how = verdict.kind === 'timed_out' ? 'timed out' : 'failed';
      const tries = verdict.attempts > 1 ? ` after ${verdict.attempts} attempts` : '';
      return {
        sign: 'bad',
        words: `delivered, and it ${how}${tries}: ${errorText(verdict.error)}${faultWords(verdict.fault)}`,
      };
    }
    case 'dropped':
      return { sign: 'bad', words: `dropped: ${reasonText(verdict.reason)}${faultWords(verdict.fault)}` };
    case 'abandoned':
      return {
        sign: 'bad',
        words: `abandoned: ${reasonText(verdict.reason)}${verdict.attempts === 0 ? ', before it began' : ''}`,
      };
    case 'running':
      return { sign: 'open', words: `still running when the log ends${pausedWords(verdict)}` };
    case 'waiting_for_retry':
      return {
        sign: 'open',
        words: `waiting for attempt ${verdict.attempts + 1} when the log ends${pausedWords(verdict)}`,
      };
    case 'not_begun':
      return { sign: 'open', words: `not begun when the log ends${pausedWords(verdict)}${through}` };
    case 'not_logged':
      return { sign: 'open', words: `not known: this log does not tell of deliveries that succeed${through}` };
    case 'no_match':
      return { sign: 'none', words: `no: subscribed to ${patterns.map(safe).join(', ')}` };
    case 'too_late':
      return { sign: 'bad', words: `no: it subscribed ${formatDuration(verdict.afterMs)} too late${through}` };
    case 'unsubscribed':
      return { sign: 'bad', words: `no: it had unsubscribed ${formatDuration(verdict.beforeMs)} before${through}` };
  }
}

function faultWords(fault: string | undefined): string {
  return fault === undefined ? '' : ` (fault: ${safe(fault)})`;
}

function pausedWords({ paused }: { readonly paused: boolean }): string {
  return paused ? '; the bus is paused' : '';
}

export interface WhyJson {
  readonly event_id: string;
  readonly event_type: string;
  readonly trace_id: string;
  readonly session: string;
  readonly timestamp: string;
  readonly source: string | null;
  readonly subscribers: readonly WhySubscriberJson[];
  readonly nearest: { readonly pattern: string; readonly service: string; readonly handler: string } | null;
  /** Where records were lost that may tell more of it. */
  readonly gaps: readonly GapJson[];
}

export interface WhySubscriberJson {
  readonly subscription_id: string;
  readonly service: string;
  readonly handler: string;
  readonly patterns: readonly string[];
  /** True where its handler was called at least once. */
  readonly delivered: boolean;
  readonly verdict: Verdict['kind'];
  readonly attempts: number | null;
  readonly duration_ms: number | null;
  readonly reason: string | null;
  readonly error_name: string | null;
  readonly error: string | null;
  readonly fault: string | null;
  /** Of `too_late` and `unsubscribed`: by how much. */
  readonly by_ms: number | null;
  readonly paused: boolean;
}

/** The shape is stable: keys are added, never renamed or removed. */
export function whyJson({ event, traceId, session, subscribers, nearest, gaps }: WhyReport): WhyJson {
  return {
    event_id: event.id,
    event_type: event.type,
    trace_id: traceId,
    session,
    timestamp: isoTime(event.time),
    source: event.source ?? null,
    subscribers: subscribers.map(subscriberJson),
    nearest: nearest ?? null,
    gaps: gaps.map(gapJson),
  };
}

function subscriberJson({ subscriptionId, service, handler, patterns, verdict }: WhySubscriber): WhySubscriberJson {
  const attempts = 'attempts' in verdict ? verdict.attempts : null;
  return {
    subscription_id: subscriptionId,
    service,
    handler,
    patterns,
    delivered: (attempts ?? 0) > 0,
    verdict: verdict.kind,
    attempts,
    duration_ms: 'durationMs' in verdict ? (verdict.durationMs ?? null) : null,
    reason: 'reason' in verdict ? verdict.reason : null,
    error_name: 'error' in verdict ? verdict.error.name : null,
    error: 'error' in verdict ? verdict.error.message : null,
    fault: 'fault' in verdict ? (verdict.fault ?? null) : null,
    by_ms: verdict.kind === 'too_late' ? verdict.afterMs : verdict.kind === 'unsubscribed' ? verdict.beforeMs : null,
    paused: 'paused' in verdict && verdict.paused,
  };
}
