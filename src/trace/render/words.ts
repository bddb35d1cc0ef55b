/** How a trace's facts are said to people. All text is safe for a terminal. */
import { formatDuration, plural, safe } from '../../kernel/index.js';
import type { HiddenCounts } from '../fold.js';
import type { Attempt, AttemptError, Cause, DeliveryNode, EventNode, InferredFact, Trace } from '../forest.js';
import { isoTime } from '../time.js';
import type { ServiceStyles, Span } from './palette.js';

/** What an unfinished thing waits for the end of: a log that was read, or a bus that still runs. */
export type Ending = 'log' | 'live';

/** `service.handler`, the service in its colour. */
export function handlerSpans(delivery: DeliveryNode, styles: ServiceStyles): Span[] {
  const handler = { text: safe(delivery.handler) };
  if (delivery.service === '') return [handler];
  return [{ text: safe(delivery.service), style: styles.of(delivery.service) }, { text: '.', style: 'dim' }, handler];
}

/** `ERR Name: message`, in one line. */
export function errorSpans(error: AttemptError): Span[] {
  return [
    { text: 'ERR ', style: 'error' },
    { text: errorText(error), style: 'red' },
  ];
}

export function errorText({ name, message }: AttemptError): string {
  const line = safe(message.replace(/\s*[\r\n]+\s*/g, ' ').trim());
  if (line === '') return safe(name);
  return name === '' || name === 'Error' ? line : `${safe(name)}: ${line}`;
}

const REASONS: Readonly<Record<string, string>> = {
  queue_full: 'the queue was full',
  displaced: 'displaced by a newer one in a full queue',
  bus_closed: 'the bus was closed',
  fault: 'a simulated fault took it',
};

export function reasonText(reason: string): string {
  return Object.hasOwn(REASONS, reason) ? (REASONS[reason] ?? reason) : safe(reason);
}

/** How a delivery ended, unless it simply went well. `attemptsShown`: its attempts have lines of their own. */
export function stateSpans({ state, attempts }: DeliveryNode, attemptsShown: boolean, ending: Ending): Span[] {
  const tries = attempts.at(-1)?.number ?? 0;
  const when = ending === 'log' ? ' when the log ends' : '';
  switch (state.kind) {
    case 'done':
      return tries > 1 ? [{ text: `done at attempt ${tries}`, style: 'yellow' }] : [];
    case 'failed':
      return attemptsShown ? [{ text: 'ERR failed', style: 'error' }] : errorSpans(state.error);
    case 'dead': {
      const dead: Span = { text: `ERR dead after ${plural(tries, 'attempt')}`, style: 'error' };
      return attemptsShown ? [dead] : [dead, { text: `: ${reasonText(state.reason)}`, style: 'red' }];
    }
    case 'dropped': {
      const fault = state.fault === undefined ? '' : ` (fault: ${safe(state.fault)})`;
      return [{ text: `dropped: ${reasonText(state.reason)}${fault}`, style: 'yellow' }];
    }
    case 'abandoned':
      return [{ text: `abandoned: ${reasonText(state.reason)}`, style: 'yellow' }];
    case 'running':
      return [{ text: `unfinished: still running${when}`, style: 'yellow' }];
    case 'waiting': {
      const waiting: Span = { text: `unfinished: waiting for attempt ${tries + 1}${when}`, style: 'yellow' };
      return attemptsShown ? [waiting] : [...errorSpans(state.error), { text: '; ' }, waiting];
    }
    case 'unknown': {
      const unknown: Span = { text: 'to be retried; how it ended is not logged', style: 'yellow' };
      return attemptsShown ? [unknown] : [...errorSpans(state.error), { text: '; ' }, unknown];
    }
  }
}

/** How one attempt among several ended. */
export function attemptSpans({ end }: Attempt, ending: Ending): Span[] {
  switch (end.kind) {
    case 'done':
      return [{ text: 'done', style: 'green' }];
    case 'failed':
      return errorSpans(end.error);
    case 'cut':
      return [{ text: 'cut off', style: 'yellow' }];
    case 'unlogged':
      return [{ text: 'its ending is not in the log', style: 'yellow' }];
    case 'running':
      return [{ text: ending === 'log' ? 'still running when the log ends' : 'still running', style: 'yellow' }];
  }
}

/** Why an event is a root though something led to it; nothing for a true beginning. */
export function causeSpans(cause: Cause): Span[] {
  const named = 'eventId' in cause && cause.eventId !== undefined ? ` (${safe(cause.eventId)})` : '';
  switch (cause.kind) {
    case 'missing':
      return [{ text: `orphan: what led to it${named} is not in the log`, style: 'yellow' }];
    case 'cycle':
      return [{ text: `cycle: it led to what led to it${named}`, style: 'yellow' }];
    case 'unknown':
      return [{ text: 'its own record is not in the log', style: 'yellow' }];
    default:
      return [];
  }
}

/** From how many milliseconds, and from which share of the handler's time, waiting in a queue is worth saying. */
const NOTABLE_QUEUE_MS = 1;
const NOTABLE_QUEUE_SHARE = 0.1;

export function queuedSpans({ queuedMs, durationMs }: DeliveryNode): Span[] {
  if (queuedMs === undefined || queuedMs < NOTABLE_QUEUE_MS) return [];
  if (queuedMs < (durationMs ?? 0) * NOTABLE_QUEUE_SHARE) return [];
  return [{ text: `queued ${formatDuration(queuedMs)}`, style: 'yellow' }];
}

/** True where `fact` of a node is not in the log, but concluded from it. */
export function isInferred({ inferred }: EventNode | DeliveryNode, fact: InferredFact): boolean {
  return inferred?.includes(fact) === true;
}

/** `3 events, 12 deliveries (2 not well)`, as far as there are any. */
export function hiddenWords({ events, deliveries, troubled }: HiddenCounts): string {
  const unwell = troubled === 0 ? '' : ` (${troubled} with errors or unfinished)`;
  const parts = [
    ...(events === 0 ? [] : [plural(events, 'event')]),
    ...(deliveries === 0 ? [] : [`${plural(deliveries, 'delivery', 'deliveries')}${unwell}`]),
  ];
  return parts.join(', ');
}

/** That records are missing, and when; empty where none are known to be. */
export function gapWords({ gaps }: Pick<Trace, 'gaps'>, what = 'this trace'): string {
  if (gaps.length === 0) return '';
  const lost = gaps.reduce((sum, gap) => sum + gap.lost, 0);
  const times = gaps.flatMap(({ time }) => (time === undefined ? [] : isoTime(time).slice(11, -1)));
  const [first, last = first] = [times[0], times.length > 1 ? times.at(-1) : undefined];
  const between = gaps.length === 1 ? ` at ${first}` : ` in ${gaps.length} places between ${first} and ${last}`;
  const were = lost === 1 ? 'record was lost' : 'records were lost';
  return `${lost} ${were}${first === undefined ? '' : between}; ${what} may be incomplete`;
}

/** Before a name whose place in the tree is concluded. */
export function inferredMark(node: EventNode | DeliveryNode, about: string): Span[] {
  return isInferred(node, 'identity') || isInferred(node, 'cause') ? [{ text: `${about} `, style: 'yellow' }] : [];
}
