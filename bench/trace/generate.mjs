/**
 * A log of a given size in our schema: lines of 290 bytes on average, requests of twelve records each, and those twelve
 * scattered over the whole file. The same size gives the same bytes.
 *
 *   node bench/trace/generate.mjs FILE [SIZE_IN_MB]
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const LINES_PER_TRACE = 12;
const LINE_BYTES = 290;
const START = Date.UTC(2026, 10, 23, 8);
const SERVICES = ['index', 'metrics', 'alerts', 'gateway', 'llm'];
const TYPES = ['repo.seen', 'repo.done', 'chat.seen', 'chat.done', 'llm.reply'];

/** Each record of a request: what it is, and of which event and delivery. */
const STEPS = [
  { published: 1, subscribers: 2 },
  { kind: 'start', delivery: 1, event: 1 },
  { kind: 'start', delivery: 2, event: 1 },
  { published: 2, cause: 1, causeDelivery: 1, subscribers: 1 },
  { kind: 'start', delivery: 3, event: 2 },
  { kind: 'complete', delivery: 3, event: 2 },
  { kind: 'complete', delivery: 1, event: 1 },
  { published: 3, cause: 1, causeDelivery: 2, subscribers: 1 },
  { kind: 'start', delivery: 4, event: 3 },
  { kind: 'error', delivery: 4, event: 3 },
  { kind: 'complete', delivery: 2, event: 1 },
  { published: 4, cause: 2, causeDelivery: 3, subscribers: 0 },
];

function tracesIn(megabytes) {
  return Math.round((megabytes * 1e6) / LINE_BYTES / LINES_PER_TRACE);
}

/** The id of a request in the log of that size. */
export function traceIn(megabytes) {
  return `req-${10_000 + Math.floor(tracesIn(megabytes) / 3)}`;
}

/** Writes the log. */
export function generate(file, megabytes) {
  const traces = tracesIn(megabytes);
  const lines = traces * LINES_PER_TRACE;
  const step = coprimeBelow(traces);
  const fd = openSync(file, 'w');
  let text = '';
  try {
    for (let line = 0; line < lines; line++) {
      // Each round over the requests goes its own way round, so that no two records of one are a fixed way apart.
      const round = Math.floor(line / traces);
      const trace = (((line % traces) * step + round * 7919 * step) % traces) + 1;
      text += recordLine(line, trace, STEPS[round]);
      if (text.length < 1 << 22) continue;
      writeSync(fd, text);
      text = '';
    }
    writeSync(fd, text);
  } finally {
    closeSync(fd);
  }
}

function recordLine(line, trace, step) {
  const time = new Date(START + Math.floor(line / 50)).toISOString();
  const id = (10_000 + trace).toString(36);
  const name = (kind, number) => `${kind}${id}${number}`;
  const begin = (level, event) =>
    `{"level":"${level}","timestamp":"${time}","event":"${event}","seq":${line + 1},"session":"s1"`;
  const traceId = `"trace_id":"req-${10_000 + trace}"`;
  if (step.published !== undefined) {
    const type = TYPES[(trace + step.published) % TYPES.length];
    const cause =
      step.cause === undefined
        ? ''
        : `,"causation_id":"${name('e', step.cause)}","causation_delivery_id":"${name('d', step.causeDelivery)}"`;
    return `${begin('info', 'event_published')},"event_type":"${type}","event_id":"${name('e', step.published)}","source":"api",${traceId}${cause},"subscriber_count":${step.subscribers},"payload_keys":[]}\n`;
  }
  const service = SERVICES[(trace + step.delivery) % SERVICES.length];
  const type = TYPES[(trace + step.event) % TYPES.length];
  const ids = `"delivery_id":"${name('d', step.delivery)}","subscription_id":"s${step.delivery}","event_id":"${name('e', step.event)}","event_type":"${type}",${traceId},"service":"${service}","handler":"on","attempt":1`;
  if (step.kind === 'start') return `${begin('debug', 'event_handler_start')},${ids}}\n`;
  const took = `"duration_ms":${(trace % 997) / 8},"queued_ms":0.125`;
  if (step.kind === 'complete') return `${begin('debug', 'event_handler_complete')},${ids},${took}}\n`;
  return `${begin('error', 'event_handler_error')},${ids},${took},"error":"disk full","error_name":"Error","will_retry":false}\n`;
}

/** A step that visits every request once a round, in no order to speak of. */
function coprimeBelow(count) {
  const gcd = (a, b) => (b === 0 ? a : gcd(b, a % b));
  let step = Math.max(1, Math.floor(count * 0.618));
  while (gcd(step, count) !== 1) step++;
  return step;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, megabytes = '1000'] = process.argv.slice(2);
  if (file === undefined) throw new Error('usage: node bench/trace/generate.mjs FILE [SIZE_IN_MB]');
  generate(file, Number(megabytes));
  console.log(`a request in it: ${traceIn(Number(megabytes))}`);
}
