/** Markup that no text from a log can break out of. */
import { safe } from '../../../kernel/index.js';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for an element or a quoted attribute; control and bidi characters are made visible. */
export function text(value: string): string {
  return safe(value).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? '');
}

export function element(tag: string, className: string, inner: string): string {
  return `<${tag}${className === '' ? '' : ` class="${className}"`}>${inner}</${tag}>`;
}

/** A part of the whole as a percentage, short. */
export function percent(part: number): string {
  return `${Number((part * 100).toFixed(3))}%`;
}
