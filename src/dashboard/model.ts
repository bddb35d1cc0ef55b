/** Everything the screen shows is a function of this. */
import type { JsonObject } from '../kernel/index.js';
import type { LogRecord } from '../record/index.js';
import { type Filter, NO_FILTER } from '../record/index.js';
import { type Data, emptyData } from './data/data.js';
import type { Lines } from './data/ingest-lines.js';
import type { DashboardEvent, DashboardHeader, DashboardSource, ExpectationView, FaultSwitch } from './door.js';
import type { Editor } from './editor.js';
import type { KeyName } from './keys.js';

export const PANES = ['types', 'subscribers', 'traces', 'expectations', 'log'] as const;
export type Pane = (typeof PANES)[number];

/** Where a list stands: on a row known by its key, so that sorting does not move the selection to something else. */
export interface Cursor {
  /** `undefined` follows the first row of a list, the newest of the log. */
  readonly key: string | undefined;
  /** Where it was last, for when the row is gone. */
  readonly at: number;
}

export const SORTS = {
  types: ['type', 'count', 'rate', 'errors'],
  subscribers: ['trouble', 'name', 'delivered', 'errors', 'queued', 'p95'],
  traces: ['newest', 'slowest', 'failed'],
} as const;
export type SortablePane = keyof typeof SORTS;
export type Sorts = { readonly [P in SortablePane]: (typeof SORTS)[P][number] };

type Shown =
  | { readonly kind: 'none' }
  /** A trace as a waterfall. */
  | { readonly kind: 'trace'; readonly key: string; readonly cursor: Cursor; readonly folded: ReadonlySet<string> };

/** What stands in place of the panes. */
export type Overlay =
  | Shown
  /** `over`: what comes back when the help is closed. */
  | { readonly kind: 'help'; readonly top: number; readonly over: Shown };

/** The line being typed, if one is. */
export type Prompt =
  | { readonly kind: 'none' }
  | { readonly kind: 'filter'; readonly editor: Editor; readonly recall: number; readonly before: string }
  | {
      readonly kind: 'publish';
      readonly editor: Editor;
      readonly recall: number;
      readonly sending: boolean;
      readonly problem: string | undefined;
      readonly choice: number;
    }
  | { readonly kind: 'delay'; readonly editor: Editor; readonly target: string; readonly problem: string | undefined };

export interface Notice {
  readonly text: string;
  readonly tone: 'plain' | 'ok' | 'warn' | 'bad';
  /** Ticks it stays. */
  readonly ticks: number;
}

/** Which keys can do something: the controls that were given. */
export interface Abilities {
  readonly publish: boolean;
  readonly pauseBus: boolean;
  readonly setSpeed: boolean;
  readonly fault: boolean;
}

/** What the session knows beside its records. Asking it changes nothing. */
export interface Known {
  types(): readonly string[];
}

export const KNOWN_NOTHING: Known = { types: () => [] };

/** What a payload is fetched for. */
export type Purpose =
  /** The publish line opens with it. */
  | { readonly kind: 'replay'; readonly event: { readonly id: string; readonly type: string } }
  /** The type in the publish line is completed by it; `send`: and sent, where there is nothing to fill in. */
  | { readonly kind: 'complete'; readonly type: string; readonly send: boolean };

export interface Model {
  readonly source: DashboardSource['kind'];
  readonly header: DashboardHeader;
  readonly abilities: Abilities;
  readonly known: Known;
  /** The speed that was asked for last, until a record tells of it. */
  readonly askedSpeed: number | undefined;
  readonly columns: number;
  readonly rows: number;
  readonly data: Data;
  /** What the view shows while it is paused. */
  readonly frozen: Data | undefined;
  /** Time on the records' clock. */
  readonly now: number;
  /** The time at which the view was paused. */
  readonly frozenNow: number;
  /** A live run whose traffic is over. */
  readonly finished: boolean;
  /** Why the session is gone, if it is. */
  readonly gone: string | undefined;
  /** A log file's time cursor: `at` of `total` records are shown. */
  readonly scrub: { readonly at: number; readonly total: number } | undefined;
  readonly expectations: readonly ExpectationView[];
  readonly focus: Pane;
  readonly zoom: boolean;
  readonly cursors: Readonly<Record<Pane, Cursor>>;
  readonly sorts: Sorts;
  readonly filterText: string;
  readonly filter: Filter;
  readonly filterHistory: readonly string[];
  readonly publishHistory: readonly string[];
  readonly overlay: Overlay;
  readonly prompt: Prompt;
  readonly notice: Notice | undefined;
}

export type Message =
  | { readonly kind: 'records'; readonly batch: readonly LogRecord[]; readonly dropped: number }
  | { readonly kind: 'lines'; readonly lines: Lines; readonly dropped: number }
  /** Once a second or so, and whenever time must be seen to pass. */
  | {
      readonly kind: 'tick';
      readonly now: number;
      readonly finished: boolean;
      readonly expectations: readonly ExpectationView[];
    }
  | { readonly kind: 'key'; readonly key: KeyName }
  /** Text typed or pasted while a line is being edited. */
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'gone'; readonly reason: string }
  /** The log's timeline was moved: what was known at that point. */
  | { readonly kind: 'scrubbed'; readonly data: Data; readonly at: number; readonly total: number }
  | { readonly kind: 'published'; readonly eventId: string; readonly traceId: string }
  | { readonly kind: 'fetched'; readonly purpose: Purpose; readonly payload: JsonObject | undefined }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'done'; readonly text: string };

/** What `update` wants done outside; the answer comes back as a message. */
export type Effect =
  | { readonly kind: 'quit' }
  | { readonly kind: 'interrupt' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'publish'; readonly event: DashboardEvent }
  | { readonly kind: 'fault'; readonly change: FaultSwitch }
  | { readonly kind: 'fetch'; readonly purpose: Purpose }
  | { readonly kind: 'pauseBus' }
  | { readonly kind: 'resumeBus' }
  | { readonly kind: 'setSpeed'; readonly speed: number }
  | { readonly kind: 'copy'; readonly text: string }
  | { readonly kind: 'scrub'; readonly move: ScrubMove };

export type ScrubMove = 'back' | 'forward' | 'errorBack' | 'errorForward' | 'start' | 'end';

export interface Step {
  readonly model: Model;
  readonly effects: readonly Effect[];
}

const START: Cursor = { key: undefined, at: 0 };

export function initialModel(
  source: Pick<DashboardSource, 'kind' | 'header'>,
  abilities: Abilities,
  known: Known,
  size: { readonly columns: number; readonly rows: number },
  now: number,
): Model {
  return {
    source: source.kind,
    header: source.header,
    abilities,
    known,
    askedSpeed: undefined,
    ...size,
    data: { ...emptyData, controls: { ...emptyData.controls, busPaused: source.header.paused === true } },
    frozen: undefined,
    now,
    frozenNow: now,
    finished: false,
    gone: undefined,
    scrub: source.kind === 'log' ? { at: 0, total: 0 } : undefined,
    expectations: [],
    focus: 'log',
    zoom: false,
    cursors: { types: START, subscribers: START, traces: START, expectations: START, log: START },
    sorts: { types: 'type', subscribers: 'trouble', traces: 'newest' },
    filterText: '',
    filter: NO_FILTER,
    filterHistory: [],
    publishHistory: [],
    overlay: { kind: 'none' },
    prompt: { kind: 'none' },
    notice: undefined,
  };
}

/** What is on the screen: the records so far, or those of the moment the view was paused. */
export function shownData(model: Model): Data {
  return model.frozen ?? model.data;
}

/** Whether the records tell when deliveries begin and go well. */
export function tellsDeliveries({ header }: Model): boolean {
  return header.deliveriesLogged !== false;
}

/** The time that rates and ages count to. */
export function shownNow(model: Model): number {
  if (model.source === 'log') return shownData(model).time;
  return model.frozen === undefined ? model.now : model.frozenNow;
}
