/** What there is to know about one line of the waterfall: shown when it is opened. */
import { formatDuration, safeJson } from '../../../kernel/index.js';
import { roundMs } from '../../analysis.js';
import type { AttemptEnd, DeliveryNode, EventNode } from '../../forest.js';
import { isoTime } from '../../time.js';
import { criticalMs, type ExportSource } from '../exporter.js';
import { element, text } from './markup.js';

type Facts = readonly (readonly [name: string, value: string | number | undefined])[];

export class Details {
  readonly #source: ExportSource;
  readonly #critical: ReadonlyMap<string, number>;

  constructor(source: ExportSource) {
    this.#source = source;
    this.#critical = criticalMs(source.critical);
  }

  event(event: EventNode): string {
    const { cause, published } = event;
    const payload = published?.payload === undefined ? undefined : safeJson(published.payload, 2);
    return list([
      ['event', event.type],
      ['id', event.id],
      ['published', this.#when(event.time)],
      ['by', event.source],
      ['cause', cause.kind],
      ['led to by event', 'eventId' in cause ? cause.eventId : undefined],
      ['led to by delivery', 'deliveryId' in cause ? cause.deliveryId : undefined],
      ['subscribers', published?.subscriberCount],
      ['payload keys', published?.payloadKeys.join(', ')],
      ['payload', payload],
      ['inferred', event.inferred?.join(', ')],
    ]);
  }

  delivery(delivery: DeliveryNode): string {
    const { state, attempts, queuedMs, durationMs, inferred } = delivery;
    const begun = attempts.length > 0;
    return list([
      ['service', delivery.service],
      ['handler', delivery.handler],
      ['event', `${delivery.eventType} (${delivery.eventId})`],
      ['id', delivery.id],
      ['began', begun ? this.#when(delivery.time) : 'never'],
      ['state', state.kind],
      ['reason', 'reason' in state ? state.reason : undefined],
      ['queued', duration(queuedMs)],
      ['took', begun ? duration(durationMs) : undefined],
      ['worked itself', begun ? duration(this.#source.selfMs.get(delivery.id)) : undefined],
      ['on the critical path', begun ? duration(this.#critical.get(delivery.id) ?? 0) : undefined],
      ...attempts.map(({ number, startTime, end }): Facts[number] => {
        return [`attempt ${number}`, `${this.#offset(startTime)} ${attemptText(end)}`];
      }),
      ['inferred', inferred?.join(', ')],
    ]);
  }

  #when(time: number): string {
    return `${isoTime(time)} (${this.#offset(time)})`;
  }

  #offset(time: number): string {
    return `+${formatDuration(Math.max(0, time - this.#source.analysis.startTime))}`;
  }
}

function list(facts: Facts): string {
  const known = facts.filter(([, value]) => value !== undefined && value !== '');
  return element(
    'dl',
    '',
    known.map(([name, value]) => element('dt', '', text(name)) + element('dd', '', lines(String(value)))).join(''),
  );
}

/** Line breaks are kept: the style sheet shows them. */
function lines(value: string): string {
  return value.split('\n').map(text).join('\n');
}

function duration(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : formatDuration(roundMs(ms));
}

function attemptText(end: AttemptEnd): string {
  const fault = 'fault' in end && end.fault !== undefined ? `, fault: ${end.fault}` : '';
  const took = 'durationMs' in end ? ` after ${formatDuration(end.durationMs)}` : '';
  if (end.kind !== 'failed') return `${end.kind}${took}${fault}`;
  return `failed${took}${fault}, ${end.willRetry ? 'to be retried' : 'given up'}: ${end.error.name}: ${end.error.message}`;
}
