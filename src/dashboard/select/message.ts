/** One record as a line for people. */
import { formatDuration } from '../../kernel/index.js';
import type { LogRecord } from '../../record/index.js';
import type { Glyphs, Tone } from '../text/theme.js';

export interface RecordText {
  readonly text: string;
  readonly tone: Tone;
  /** The service it comes from, or the source of an event. */
  readonly origin: string;
}

const LEVEL_BADGES = { debug: 'DBG', info: 'INF', warn: 'WRN', error: 'ERR' } as const;

export function levelBadge(level: LogRecord['level']): { readonly text: string; readonly tone: Tone } {
  const tone: Tone = level === 'error' ? 'alarm' : level === 'warn' ? 'warn' : 'dim';
  return { text: LEVEL_BADGES[level], tone };
}

export function recordText(record: LogRecord, glyphs: Glyphs): RecordText {
  switch (record.event) {
    case 'event_published':
      return { text: `${glyphs.arrow} ${record.event_type}`, tone: 'plain', origin: record.source };
    case 'event_no_subscribers':
      return {
        text: `${glyphs.warn} ${record.event_type}: nobody subscribes to it`,
        tone: 'warn',
        origin: record.source,
      };
    case 'event_handler_start':
      return {
        text: `${glyphs.folded} ${record.handler} ${record.event_type}${attempt(record.attempt)}`,
        tone: 'dim',
        origin: record.service,
      };
    case 'event_handler_complete': {
      const fault = record.fault === undefined ? '' : ` (${record.fault})`;
      const text = `${glyphs.ok} ${record.handler} ${record.event_type} ${formatDuration(record.duration_ms)}${fault}`;
      return { text, tone: 'plain', origin: record.service };
    }
    // What went wrong comes first: it must be seen however narrow the pane is.
    case 'event_handler_error': {
      const retry = record.will_retry ? ', will retry' : '';
      const where = `${record.handler} ${record.event_type}${attempt(record.attempt)}${retry}`;
      return { text: `${glyphs.bad} ${record.error} - ${where}`, tone: 'bad', origin: record.service };
    }
    case 'event_delivery_dead': {
      const text = `${glyphs.bad} gave up: ${record.reason} - ${record.handler} ${record.event_type}`;
      return { text, tone: 'bad', origin: record.service };
    }
    case 'event_delivery_dropped':
      return {
        text: `${glyphs.warn} dropped: ${record.reason} - ${record.handler} ${record.event_type}`,
        tone: 'warn',
        origin: record.service,
      };
    case 'event_delivery_abandoned':
      return {
        text: `${glyphs.warn} abandoned: ${record.reason} - ${record.handler} ${record.event_type}`,
        tone: 'warn',
        origin: record.service,
      };
    case 'event_subscription':
      return { text: `+ ${record.handler} subscribes to ${record.event_type}`, tone: 'dim', origin: record.service };
    case 'event_unsubscription':
      return {
        text: `- ${record.handler} unsubscribes from ${record.event_type}`,
        tone: 'dim',
        origin: record.service,
      };
    case 'session_started':
      return {
        text: `session ${record.session} started: ${record.scenario ?? 'no scenario'}`,
        tone: 'accent',
        origin: '',
      };
    case 'session_stopped':
      return { text: `session ${record.session} stopped: ${record.reason}`, tone: 'accent', origin: '' };
    case 'control_changed':
      return { text: `${record.action} ${record.target}`, tone: 'accent', origin: record.by };
    case 'log_gap':
      return { text: `${glyphs.bad} ${record.lost} records could not be written`, tone: 'bad', origin: '' };
  }
}

function attempt(number: number): string {
  return number > 1 ? `, attempt ${number}` : '';
}

/** `10:30:00.123`, UTC as in the log. */
export function clockTime(time: number): string {
  const ms = ((time % 86_400_000) + 86_400_000) % 86_400_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${two(ms / 3_600_000)}:${two((ms / 60_000) % 60)}:${two((ms / 1_000) % 60)}.${String(Math.floor(ms % 1_000)).padStart(3, '0')}`;
}
