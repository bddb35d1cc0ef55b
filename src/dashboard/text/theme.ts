/**
 * What things look like. Tones say what a text means; this file alone says which colour that is.
 *
 * Colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), which colour-blind people can tell apart, in
 * shades that can be read on a dark and on a light background. Meaning never rests on colour: words and signs carry it.
 */

export type Tone =
  | 'plain'
  | 'dim'
  | 'title'
  | 'accent'
  | 'ok'
  | 'warn'
  | 'bad'
  | 'alarm'
  | 'calm'
  | 'key'
  | 'rule'
  | 'ruleFocus'
  | 'spark'
  | 'cursor'
  | 'service0'
  | 'service1'
  | 'service2'
  | 'service3'
  | 'service4'
  | 'service5';

type Codes = readonly [on: string, off: string];
type Palette = Readonly<Record<Tone, Codes>>;

const NONE: Codes = ['', ''];
const BOLD: Codes = ['1', '22'];
const DIM: Codes = ['2', '22'];
const ALARM: Codes = ['1;7', '22;27'];
const fg = (color: number): Codes => [`38;5;${color}`, '39'];
const boldFg = (color: number): Codes => [`1;38;5;${color}`, '22;39'];
const basic = (color: number): Codes => [String(color), '39'];
const boldBasic = (color: number): Codes => [`1;${color}`, '22;39'];

const NO_COLOR: Palette = {
  plain: NONE,
  dim: NONE,
  title: BOLD,
  accent: BOLD,
  ok: NONE,
  warn: BOLD,
  bad: BOLD,
  alarm: ALARM,
  calm: NONE,
  key: BOLD,
  rule: NONE,
  ruleFocus: BOLD,
  spark: NONE,
  cursor: ['7', '27'],
  service0: NONE,
  service1: NONE,
  service2: NONE,
  service3: NONE,
  service4: NONE,
  service5: NONE,
};

const BASIC: Palette = {
  ...NO_COLOR,
  dim: DIM,
  accent: boldBasic(36),
  ok: basic(32),
  warn: basic(33),
  bad: boldBasic(31),
  alarm: ['1;7;31', '22;27;39'],
  calm: basic(32),
  key: boldBasic(36),
  rule: DIM,
  ruleFocus: boldBasic(36),
  spark: basic(36),
  service0: basic(34),
  service1: basic(36),
  service2: basic(35),
  service3: basic(33),
  service4: basic(32),
  service5: basic(34),
};

/** 256 colours: shades with a contrast of at least 3 to 1 against black and against white. */
const RICH: Palette = {
  ...NO_COLOR,
  dim: fg(244),
  accent: boldFg(32),
  ok: fg(35),
  warn: fg(172),
  bad: boldFg(166),
  alarm: ['1;38;5;231;48;5;166', '22;39;49'],
  calm: fg(35),
  key: boldFg(32),
  rule: fg(244),
  ruleFocus: boldFg(32),
  spark: fg(38),
  service0: fg(32),
  service1: fg(37),
  service2: fg(169),
  service3: fg(136),
  service4: fg(98),
  service5: fg(71),
};

/** Signs, for terminals that have them and for those that have ASCII alone. */
export interface Glyphs {
  readonly ellipsis: string;
  readonly dot: string;
  readonly ok: string;
  readonly bad: string;
  readonly warn: string;
  readonly pending: string;
  readonly running: string;
  readonly paused: string;
  readonly select: string;
  readonly event: string;
  readonly arrow: string;
  readonly horizontal: string;
  readonly vertical: string;
  readonly topLeft: string;
  readonly topRight: string;
  readonly bottomLeft: string;
  readonly bottomRight: string;
  readonly branch: string;
  readonly lastBranch: string;
  readonly folded: string;
  readonly open: string;
  readonly bar: string;
  readonly barWait: string;
  readonly cursor: string;
  /** From nothing to full. */
  readonly levels: readonly string[];
}

const UNICODE: Glyphs = {
  ellipsis: '…',
  dot: '·',
  ok: '✓',
  bad: '✗',
  warn: '!',
  pending: '○',
  running: '●',
  paused: '‖',
  select: '▌',
  event: '◆',
  arrow: '→',
  horizontal: '─',
  vertical: '│',
  topLeft: '╭',
  topRight: '╮',
  bottomLeft: '╰',
  bottomRight: '╯',
  branch: '├',
  lastBranch: '└',
  folded: '▸',
  open: '▾',
  bar: '█',
  barWait: '░',
  cursor: '█',
  levels: [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
};

const ASCII: Glyphs = {
  ellipsis: '~',
  dot: '-',
  ok: '+',
  bad: 'x',
  warn: '!',
  pending: 'o',
  running: '*',
  paused: '=',
  select: '>',
  event: '*',
  arrow: '->',
  horizontal: '-',
  vertical: '|',
  topLeft: '+',
  topRight: '+',
  bottomLeft: '+',
  bottomRight: '+',
  branch: '|',
  lastBranch: '`',
  folded: '>',
  open: 'v',
  bar: '#',
  barWait: '.',
  cursor: '_',
  levels: [' ', '.', '.', ':', ':', '+', '+', '#', '#'],
};

export interface Theme {
  readonly glyphs: Glyphs;
  readonly palette: Palette;
}

/** @param colors how many the terminal has; `none` keeps bold and inverse, which NO_COLOR does not forbid. */
export function makeTheme(colors: 'none' | 'basic' | 'rich', ascii: boolean): Theme {
  const palette = colors === 'none' ? NO_COLOR : colors === 'basic' ? BASIC : RICH;
  return { glyphs: ascii ? ASCII : UNICODE, palette };
}

const SERVICE_TONES = ['service0', 'service1', 'service2', 'service3', 'service4', 'service5'] as const;

/** A service keeps its colour: it depends on its name alone. */
export function serviceTone(service: string): Tone {
  let hash = 0;
  for (let index = 0; index < service.length; index++) hash = (hash * 31 + service.charCodeAt(index)) >>> 0;
  return SERVICE_TONES[hash % SERVICE_TONES.length] ?? 'plain';
}
