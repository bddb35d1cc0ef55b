/** The one key table: it feeds the input, the footer, the `?` help and the README. */

/** A key as people name it; single characters stand for themselves. */
export type KeyName = string;

export type Action =
  | 'quit'
  | 'interrupt'
  | 'suspend'
  | 'redraw'
  | 'help'
  | 'nextPane'
  | 'previousPane'
  | 'pane1'
  | 'pane2'
  | 'pane3'
  | 'pane4'
  | 'pane5'
  | 'zoom'
  | 'down'
  | 'up'
  | 'pageDown'
  | 'pageUp'
  | 'top'
  | 'bottom'
  | 'open'
  | 'back'
  | 'sort'
  | 'copy'
  | 'filter'
  | 'filterTrace'
  | 'nextProblem'
  | 'previousProblem'
  | 'nextOfTrace'
  | 'previousOfTrace'
  | 'fold'
  | 'unfold'
  | 'pauseView'
  | 'pauseBus'
  | 'publish'
  | 'replay'
  | 'fault'
  | 'delay'
  | 'outage'
  | 'faster'
  | 'slower'
  | 'scrubBack'
  | 'scrubForward'
  | 'scrubErrorBack'
  | 'scrubErrorForward';

/** Where a binding holds. `log file` is the log pane's time cursor. */
export type Place = 'everywhere' | 'list' | 'log' | 'traces' | 'subscribers' | 'sorted' | 'trace' | 'play' | 'log file';

export interface Binding {
  readonly keys: readonly KeyName[];
  readonly action: Action;
  readonly place: Place;
  /** One or two words for the footer. */
  readonly label: string;
  /** A sentence for the help and the README. */
  readonly help: string;
}

const bind = (keys: string, action: Action, place: Place, label: string, help: string): Binding => ({
  keys: keys.split(' '),
  action,
  place,
  label,
  help,
});

/** In the order of worth: see, filter, trace, publish; then the hand controls. */
export const BINDINGS: readonly Binding[] = [
  bind('? f1', 'help', 'everywhere', 'help', 'This list.'),
  bind('q', 'quit', 'everywhere', 'quit', 'Quit. Exit code 1 if an expectation failed.'),
  bind('ctrl-c', 'interrupt', 'everywhere', 'interrupt', 'Leave at once, as any program does.'),
  bind('ctrl-z', 'suspend', 'everywhere', 'suspend', 'Back to the shell; `fg` returns.'),
  bind('ctrl-l', 'redraw', 'everywhere', 'redraw', 'Draw the screen anew.'),
  bind('tab', 'nextPane', 'everywhere', 'panes', 'Next pane.'),
  bind('shift-tab', 'previousPane', 'everywhere', 'back a pane', 'Previous pane.'),
  bind('1', 'pane1', 'everywhere', 'types', 'Event types.'),
  bind('2', 'pane2', 'everywhere', 'subscribers', 'Subscribers.'),
  bind('3', 'pane3', 'everywhere', 'traces', 'Traces.'),
  bind('4', 'pane4', 'everywhere', 'expectations', 'Expectations.'),
  bind('5', 'pane5', 'everywhere', 'log', 'Log.'),
  bind('z', 'zoom', 'everywhere', 'zoom', 'The pane in focus alone, and back.'),
  bind('j down', 'down', 'list', 'down', 'One row down.'),
  bind('k up', 'up', 'list', 'up', 'One row up. In the log this stops following.'),
  bind('pgdn ctrl-f', 'pageDown', 'list', 'page down', 'One page down.'),
  bind('pgup ctrl-b', 'pageUp', 'list', 'page up', 'One page up.'),
  bind('g home', 'top', 'list', 'first', 'First row.'),
  bind('G end', 'bottom', 'list', 'last', 'Last row. In the log this follows again.'),
  bind(
    'enter',
    'open',
    'list',
    'open',
    'Open: the trace of a record, a trace as a waterfall, the records of a type or subscriber.',
  ),
  bind('esc', 'back', 'everywhere', 'back', 'Back out one level: line, trace, zoom, filter, selection.'),
  bind(
    '/',
    'filter',
    'everywhere',
    'filter',
    'Filter the log: `trace:req-12345 level:error disk`. The up arrow brings old filters back.',
  ),
  bind(
    't',
    'filterTrace',
    'everywhere',
    'trace',
    'Filter the log by a trace: the one of this row, or one to be typed.',
  ),
  bind('e', 'nextProblem', 'log', 'next error', 'Next error or warning.'),
  bind('E', 'previousProblem', 'log', 'last error', 'Previous error or warning.'),
  bind('o', 'nextOfTrace', 'log', 'same trace', 'Next record of the same trace.'),
  bind('O', 'previousOfTrace', 'log', 'same trace up', 'Previous record of the same trace.'),
  bind('s', 'sort', 'sorted', 'sort', 'Sort by the next column.'),
  bind('y', 'copy', 'list', 'copy id', 'Copy the id of the row (the terminal must allow it).'),
  bind('h left', 'fold', 'trace', 'fold', 'Fold what this led to.'),
  bind('l right', 'unfold', 'trace', 'unfold', 'Unfold it.'),
  bind(
    'space',
    'pauseView',
    'everywhere',
    'pause view',
    'Pause the view; the bus runs on, and what is held back is counted.',
  ),
  bind('p', 'publish', 'play', 'publish', 'Publish an event: type, Tab completes it, payload, Enter sends.'),
  bind('r', 'replay', 'play', 'replay', 'Publish the event of this row again, with its payload open for editing.'),
  bind('P', 'pauseBus', 'play', 'pause bus', 'Pause the bus itself, and let it go on.'),
  bind('f', 'fault', 'subscribers', 'fault', 'Make this subscriber fail, and stop that.'),
  bind('d', 'delay', 'subscribers', 'delay', 'Make this subscriber slower by a duration, and stop that.'),
  bind('x', 'outage', 'subscribers', 'take down', 'Take this subscriber down, and bring it back.'),
  bind('+ =', 'faster', 'play', 'faster', 'Twice as fast.'),
  bind('- _', 'slower', 'play', 'slower', 'Half as fast.'),
  bind('[', 'scrubBack', 'log file', 'step back', 'One record back in time.'),
  bind(']', 'scrubForward', 'log file', 'step', 'One record on.'),
  bind('{', 'scrubErrorBack', 'log file', 'err back', 'Back to the error before.'),
  bind('}', 'scrubErrorForward', 'log file', 'err', 'On to the next error.'),
];

/** The action of `key` where all of `places` hold; the most particular place wins. */
export function actionOf(key: KeyName, places: ReadonlySet<Place>): Action | undefined {
  const found = BINDINGS.filter((binding) => binding.keys.includes(key) && places.has(binding.place));
  return (found.find(({ place }) => place !== 'everywhere') ?? found[0])?.action;
}

const NAMES: Readonly<Record<string, string>> = {
  space: 'Space',
  enter: 'Enter',
  esc: 'Esc',
  tab: 'Tab',
  'shift-tab': 'Shift-Tab',
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  pgup: 'PgUp',
  pgdn: 'PgDn',
  home: 'Home',
  end: 'End',
  f1: 'F1',
  'ctrl-c': 'Ctrl-C',
  'ctrl-z': 'Ctrl-Z',
  'ctrl-l': 'Ctrl-L',
  'ctrl-f': 'Ctrl-F',
  'ctrl-b': 'Ctrl-B',
};

/** A key as it is written for people. */
export function keyLabel(key: KeyName, ascii = false): string {
  const name = NAMES[key] ?? key;
  return ascii && /[^ -~]/.test(name) ? key : name;
}

/** The key table as Markdown, for the README. */
export function keyTableMarkdown(): string {
  const where: Readonly<Record<Place, string>> = {
    everywhere: '',
    list: '',
    sorted: '',
    play: '',
    log: 'log',
    traces: 'traces',
    subscribers: 'subscribers',
    trace: 'an open trace',
    'log file': 'a log file',
  };
  const code = (key: KeyName) => (key === '|' ? '`\\|`' : `\`${keyLabel(key)}\``);
  const rows = BINDINGS.map(({ keys, place, help }) => `| ${keys.map(code).join(' ')} | ${where[place]} | ${help} |`);
  return ['| key | in | what it does |', '|---|---|---|', ...rows, ''].join('\n');
}
