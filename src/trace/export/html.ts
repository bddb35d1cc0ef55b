/** One page that needs nothing but itself: a waterfall to fold, search and print. No network, no text from a log as code. */
import { createHash } from 'node:crypto';
import { formatDuration, plural } from '../../kernel/index.js';
import type { Analysis, Outcome } from '../analysis.js';
import { gapWords, hiddenWords } from '../render/words.js';
import { isoTime } from '../time.js';
import { type ExportSource, handlerName } from './exporter.js';
import { element, text } from './html/markup.js';
import { SERVICE_COLOURS, waterfallMarkup } from './html/rows.js';
import { SCRIPT } from './html/script.js';
import { STYLE } from './html/style.js';

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  ok: 'OK',
  failed: 'FAILED',
  unfinished: 'UNFINISHED',
  unknown: 'outcome not logged',
};

export function toHtml(sources: readonly ExportSource[]): string {
  const colours = coloursOf(sources);
  const sections = sources.map((source, index) => section(source, `t${index}`, colours));
  const title = sources[0]?.trace.traceId ?? 'no trace';
  return [
    '<!DOCTYPE html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy()}">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    '<meta name="generator" content="cf-bus">',
    `<title>${text(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    ...sections,
    FOOTER,
    `<script>${SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

/** Nothing is loaded, nothing runs but this very script. */
function policy(): string {
  const hash = (code: string) => `'sha256-${createHash('sha256').update(code).digest('base64')}'`;
  return `default-src 'none'; style-src ${hash(STYLE)}; script-src ${hash(SCRIPT)}; base-uri 'none'; form-action 'none'`;
}

function coloursOf(sources: readonly ExportSource[]): ReadonlyMap<string, number> {
  const colours = new Map<string, number>();
  for (const { trace } of sources) {
    for (const { service } of trace.deliveries) {
      if (!colours.has(service)) colours.set(service, colours.size % SERVICE_COLOURS);
    }
  }
  return colours;
}

const TOOLS = [
  '<div class="tools" hidden>',
  '<input type="search" id="search" placeholder="Search (press /)" aria-label="Search in names, ids, errors and payloads">',
  '<button type="button" id="trouble" aria-pressed="false">Only what went wrong</button>',
  '<button type="button" id="open">Unfold all</button>',
  '<button type="button" id="close">Fold all</button>',
  '<span id="found" class="quiet" role="status" aria-live="polite"></span>',
  '</div>',
].join('');

function section(source: ExportSource, prefix: string, colours: ReadonlyMap<string, number>): string {
  const { trace, analysis } = source;
  const { outcome, durationMs, startTime, counts } = analysis;
  const empty = trace.events.length === 0;
  const took = empty ? '' : ` ${formatDuration(durationMs)}`;
  const numbers = [
    plural(counts.events, 'event'),
    plural(counts.deliveries, 'delivery', 'deliveries'),
    plural(counts.errors, 'error'),
    plural(counts.retries, 'retry', 'retries'),
  ].join(', ');
  const hidden = hiddenWords(source.folded.hidden);
  const session = trace.session === '' ? '' : `session ${trace.session}, `;
  const begun = empty ? '' : isoTime(startTime).replace('T', ' ').replace('Z', ' UTC');
  return [
    `<section class="${outcome}">`,
    `<h1>${text(trace.traceId)}<span class="outcome">${OUTCOMES[outcome]}${text(took)}</span></h1>`,
    element('p', 'quiet', text(`${session}${begun}`)),
    element('p', 'quiet', text(numbers)),
    hidden === '' ? '' : element('p', 'warn', text(`${hidden} left out; the figures are of the whole trace`)),
    answers(source),
    prefix === 't0' ? TOOLS : '',
    waterfallMarkup(source, prefix, colours),
    '</section>',
  ].join('\n');
}

function answers({ trace, analysis, critical }: ExportSource): string {
  const items: (readonly [string, string])[] = [];
  const { firstError, startTime } = analysis;
  if (firstError !== undefined) {
    const { delivery, attempt, time, error } = firstError;
    const where = `+${formatDuration(time - startTime)} ${handlerName(delivery)} on ${delivery.eventType}, attempt ${attempt}`;
    items.push([
      'first error',
      `${text(where)} <span class="bad">${text(`ERR ${error.name}: ${error.message}`)}</span>`,
    ]);
  }
  if (trace.deliveriesLogged) items.push(['self time', text(selfTimes(analysis))]);
  else items.push(['note', 'deliveries were not logged: only events and failures are known']);
  const onPath = new Map<string, number>();
  for (const { kind, from, to, delivery } of critical) {
    const name = kind === 'run' && delivery !== undefined ? handlerName(delivery) : WAITS[kind];
    onPath.set(name, (onPath.get(name) ?? 0) + to - from);
  }
  const longest = [...onPath].sort((a, b) => b[1] - a[1]).map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  items.push(['critical path', text(longest.slice(0, MOST_NAMES).join(', '))]);
  const lost = gapWords(trace);
  if (lost !== '') items.push(['gap', text(lost)]);
  if (trace.inferred === true)
    items.push(['note', 'what is marked “inferred” was concluded from order and nesting: the log does not say it']);
  const shown = items.filter(([, value]) => value !== '');
  return element(
    'dl',
    'answers',
    shown.map(([name, value]) => element('dt', '', name) + element('dd', '', value)).join(''),
  );
}

const MOST_NAMES = 6;
const WAITS = {
  run: 'working',
  retry: 'waiting for a retry',
  queue: 'in queues',
  delay: 'published later',
  gap: 'nothing logged',
};

function selfTimes({ services }: Analysis): string {
  const named = services.slice(0, MOST_NAMES);
  return named
    .map(({ service, selfMs }) => `${service === '' ? '(no service)' : service} ${formatDuration(selfMs)}`)
    .join(', ');
}

const LEGEND: readonly (readonly [string, string])[] = [
  [
    '<rect class="run c0 on" width="34" y="5" height="14"/><rect class="critical" width="34" y="21" height="2"/>',
    'working, on the critical path',
  ],
  ['<rect class="run c0" width="34" y="5" height="14"/>', 'working'],
  [
    '<rect class="await c0" width="34" y="11" height="2"/>',
    'waiting for what it published, or over while that goes on',
  ],
  ['<line class="queue c0" x2="34" y1="12" y2="12"/>', 'queued'],
  ['<line class="retry c0" x2="34" y1="12" y2="12"/>', 'waiting for a retry'],
  ['<rect class="open c0" width="34" y="5" height="14"/>', 'not over when the log ends'],
  ['<svg class="mark" x="17" overflow="visible"><path d="M-5 12 0 7 5 12 0 17z"/></svg>', 'published'],
  ['<svg class="mark fail" x="17" overflow="visible"><path d="M-4 8 4 16M4 8-4 16"/></svg>', 'failed'],
  ['<svg class="mark lost" x="17" overflow="visible"><circle cy="12" r="4"/></svg>', 'dropped or abandoned'],
];

const KEYS =
  '<kbd>↑</kbd> <kbd>↓</kbd> or <kbd>j</kbd> <kbd>k</kbd> lines, <kbd>←</kbd> <kbd>→</kbd> or <kbd>h</kbd> <kbd>l</kbd> fold, <kbd>Enter</kbd> details, <kbd>/</kbd> search, <kbd>n</kbd> <kbd>N</kbd> next and previous hit, <kbd>e</kbd> <kbd>E</kbd> next and previous error, <kbd>Esc</kbd> all again';

const FOOTER = [
  '<footer>',
  `<p>${LEGEND.map(([shape, words]) => `<span><svg aria-hidden="true">${shape}</svg>${words}</span>`).join(' ')}</p>`,
  `<p class="keys">${KEYS}</p>`,
  '</footer>',
].join('');
