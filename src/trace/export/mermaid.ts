/** A Mermaid sequence diagram: who published what to whom, in the order it happened. For pages that render Mermaid. */
import { formatDuration, safe } from '../../kernel/index.js';
import type { AttemptError, DeliveryNode, EventNode } from '../forest.js';
import { type LogEntry, logEntries } from '../log-entries.js';
import type { ExportSource } from './exporter.js';

export function toMermaid(sources: readonly ExportSource[]): string {
  const participants = new Participants();
  const parts = sources.map((source) => ({ source, lines: new Writer(source, participants).lines() }));
  if (participants.isEmpty) participants.id('no events');
  // A title would be nicer, and cannot be parsed outside a browser.
  const body = parts.flatMap(({ source, lines }) => [participants.note(titleOf(source)), ...lines]);
  return `${['sequenceDiagram', ...[...participants.lines(), ...body].map((line) => `    ${line}`)].join('\n')}\n`;
}

function titleOf({ trace, analysis }: ExportSource): string {
  const session = trace.session === '' ? '' : `, session ${trace.session}`;
  return `${trace.traceId} ${analysis.outcome} in ${formatDuration(analysis.durationMs)}${session}`;
}

class Participants {
  readonly #ids = new Map<string, string>();

  /** Names may hold anything, so the diagram's own ids are numbers. */
  id(name: string): string {
    const known = this.#ids.get(name);
    if (known !== undefined) return known;
    const id = `P${this.#ids.size + 1}`;
    this.#ids.set(name, id);
    return id;
  }

  lines(): string[] {
    return Array.from(this.#ids, ([name, id]) => `participant ${id} as ${escaped(name)}`);
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  /** Across the whole diagram. */
  note(text: string): string {
    const last = this.#ids.size;
    return `Note over P1${last < 2 ? '' : `,P${last}`}: ${escaped(text)}`;
  }
}

class Writer {
  readonly #source: ExportSource;
  readonly #participants: Participants;
  readonly #deliveries: ReadonlyMap<string, DeliveryNode>;

  constructor(source: ExportSource, participants: Participants) {
    this.#source = source;
    this.#deliveries = new Map(source.trace.deliveries.map((delivery) => [delivery.id, delivery]));
    this.#participants = participants;
  }

  lines(): string[] {
    return logEntries(this.#source.trace).flatMap((entry) => this.#entry(entry));
  }

  #entry(entry: LogEntry): string[] {
    switch (entry.kind) {
      case 'published': {
        const { event } = entry;
        const from = this.#publisher(event);
        return event.deliveries.length === 0
          ? [`Note over ${from}: ${escaped(`${event.type}: ${silence(event)}`)}`]
          : [];
      }
      case 'no_subscribers':
        return [];
      case 'start': {
        const { delivery, attempt } = entry;
        const to = this.#handler(delivery);
        const retry = attempt.number > 1 ? `, attempt ${attempt.number}` : '';
        const text = `${about(delivery)}${delivery.eventType} to ${delivery.handler}${retry}`;
        return [`${this.#origin(delivery)}-)${to}: ${escaped(text)}`, `activate ${to}`];
      }
      case 'complete': {
        const { delivery, attempt, end } = entry;
        const to = this.#handler(delivery);
        const took = `${delivery.handler} ${formatDuration(end.durationMs)}`;
        return [`Note right of ${to}: ${escaped(took)}`, ...closed(to, attempt.startLogged)];
      }
      case 'error': {
        const { delivery, attempt, end } = entry;
        const to = this.#handler(delivery);
        const next = end.willRetry ? ', to be retried' : '';
        const text = `ERR ${delivery.handler}: ${errorText(end.error)}${next}`;
        return [`Note right of ${to}: ${escaped(text)}`, ...closed(to, attempt.startLogged)];
      }
      case 'over': {
        const { delivery, state } = entry;
        const to = this.#handler(delivery);
        const text = `${state.kind} ${delivery.handler}: ${state.reason}`;
        const cut = delivery.attempts.at(-1);
        const open = cut?.end.kind === 'cut' && cut.startLogged;
        return [`${this.#origin(delivery)}-x${to}: ${escaped(text)}`, ...closed(to, open)];
      }
    }
  }

  #publisher({ cause, source }: EventNode): string {
    const by = cause.kind === 'delivery' ? this.#deliveries.get(cause.deliveryId) : undefined;
    return by === undefined ? this.#participants.id(source ?? 'unknown') : this.#handler(by);
  }

  #origin({ eventId, eventType }: DeliveryNode): string {
    const event = this.#source.events.get(eventId);
    return event === undefined ? this.#participants.id(eventType) : this.#publisher(event);
  }

  #handler({ service, handler }: DeliveryNode): string {
    return this.#participants.id(service === '' ? handler : service);
  }
}

function closed(participant: string, open: boolean): string[] {
  return open ? [`deactivate ${participant}`] : [];
}

function silence({ noSubscribers, published }: EventNode): string {
  return noSubscribers || published?.subscriberCount === 0 ? 'no subscribers' : 'its deliveries are not shown';
}

function about({ inferred }: DeliveryNode): string {
  return inferred === undefined ? '' : '(inferred) ';
}

function errorText({ name, message }: AttemptError): string {
  const line = message.replace(/\s*[\r\n]+\s*/g, ' ').trim();
  return name === '' || name === 'Error' ? line : `${name}: ${line}`;
}

const LONGEST_TEXT = 200;

/**
 * Text that is nothing but text to Mermaid: whatever could mean more is written as an entity. So are the words with which
 * it looks for colours before it parses, and takes a semicolon away.
 */
function escaped(text: string): string {
  const short = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}…` : text;
  const words = safe(short).trim();
  if (words === '') return '#32;';
  return words.replace(/[^\p{L}\p{N} _.,()/=…-]|s(?=tyle)|c(?=lassDef)/gu, (char) => `#${char.codePointAt(0) ?? 32};`);
}
