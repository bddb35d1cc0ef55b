/** What is written on the lines of a waterfall: the name on the left, and what must be read beside or below the bars. */
import { plural, safe } from '../../kernel/index.js';
import type { WaterfallRow } from '../waterfall.js';
import type { Span } from './palette.js';
import type { View } from './view.js';
import { causeSpans, errorSpans, handlerSpans, hiddenWords, inferredMark, queuedSpans, stateSpans } from './words.js';

export interface LineContent {
  readonly label: readonly Span[];
  readonly remark: readonly Span[];
}

export function contentOf({ item }: WaterfallRow, { styles, layout }: View): LineContent {
  const { bullet, about } = layout.glyphs;
  switch (item.kind) {
    case 'event': {
      const { event } = item;
      const nobody = event.noSubscribers || event.published?.subscriberCount === 0;
      const none: Span[] = nobody ? [{ text: 'no subscribers', style: 'yellow' }] : [];
      const name: Span = { text: safe(event.type), style: 'bold' };
      return {
        label: [{ text: `${bullet} ` }, ...inferredMark(event, about), name],
        remark: joined([causeSpans(event.cause), none]),
      };
    }
    case 'delivery': {
      const { delivery } = item;
      const label = [...inferredMark(delivery, about), ...handlerSpans(delivery, styles)];
      const lastError = delivery.attempts.findLast(({ end }) => end.kind === 'failed')?.end;
      // What failed is said, though it went well in the end.
      const failed = lastError?.kind === 'failed' && delivery.attempts.length > 1 ? errorSpans(lastError.error) : [];
      const ended = stateSpans(delivery, delivery.attempts.length > 1, 'log');
      const parts = delivery.state.kind === 'done' ? [failed, ended] : [ended, failed];
      return { label, remark: joined([...parts, queuedSpans(delivery)]) };
    }
    case 'unseen': {
      const text = `${plural(item.count, 'delivery', 'deliveries')} not begun when the log ends`;
      return { label: [{ text, style: 'yellow' }], remark: [] };
    }
    case 'hidden':
      return { label: [{ text: `${hiddenWords(item.counts)} hidden`, style: 'dim' }], remark: [] };
    case 'attempt':
      return { label: [], remark: [] };
  }
}

function joined(parts: readonly (readonly Span[])[]): Span[] {
  return parts
    .filter((part) => part.length > 0)
    .flatMap((part, index) => (index === 0 ? part : [{ text: ', ' }, ...part]));
}
