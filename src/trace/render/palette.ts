/** The few styles of a rendered trace, as SGR codes; without colour they are no text at all. */

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  error: ['1;31', '22;39'],
} as const;

export type Style = keyof typeof CODES;

/** Text, safe for a terminal already, and how it looks. */
export interface Span {
  readonly text: string;
  readonly style?: Style | undefined;
}

export type Paint = (span: Span) => string;

export function painter(color: boolean): Paint {
  if (!color) return ({ text }) => text;
  return ({ text, style }) => {
    if (style === undefined || text.trim() === '') return text;
    const [on, off] = CODES[style];
    return `\u001b[${on}m${text}\u001b[${off}m`;
  };
}

const SERVICE_STYLES = ['cyan', 'magenta', 'blue', 'green'] as const satisfies readonly Style[];

/** Gives each service a colour of its own, in order of appearance, as far as colours go. Red and yellow are kept for trouble. */
export class ServiceStyles {
  readonly #styles = new Map<string, Style>();

  of(service: string): Style {
    const known = this.#styles.get(service);
    if (known !== undefined) return known;
    const style = SERVICE_STYLES[this.#styles.size % SERVICE_STYLES.length] ?? 'cyan';
    this.#styles.set(service, style);
    return style;
  }
}
