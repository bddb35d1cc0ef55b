/** What the thread of the bus (host) and that of the dashboard (guest) say to each other. */
import type { JsonObject } from '../../kernel/index.js';
import type {
  DashboardEvent,
  DashboardExit,
  DashboardHeader,
  ExpectationView,
  FaultSwitch,
  WantedPayload,
} from '../door.js';
import type { Abilities } from '../model.js';
import type { SharedLines } from './line-ring.js';

/** What the guest is to show, and how. */
export interface GuestData {
  readonly header: DashboardHeader;
  readonly abilities: Abilities;
  readonly stdin: number;
  readonly stdout: number;
  readonly colorDepth: number;
  readonly ascii: boolean;
  readonly color: boolean;
  readonly screenReader: boolean;
  readonly facts: Facts;
  /** An Int32: 1 while the guest may write on the terminal. */
  readonly gate: SharedArrayBuffer;
  readonly lines: SharedLines;
}

/** What the guest would ask of the source and the controls, if they were in its thread. */
export interface Facts {
  readonly now: number;
  readonly finished: boolean;
  readonly expectations: readonly ExpectationView[];
  readonly knownTypes: readonly string[];
}

export type Request =
  | { readonly do: 'publish'; readonly event: DashboardEvent }
  | { readonly do: 'payload'; readonly wanted: WantedPayload }
  | { readonly do: 'fault'; readonly change: FaultSwitch }
  | { readonly do: 'setSpeed'; readonly speed: number }
  | { readonly do: 'pauseBus' }
  | { readonly do: 'resumeBus' };

export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'published'; readonly event_id: string; readonly trace_id: string }
  | { readonly kind: 'payload'; readonly payload: JsonObject | undefined }
  | { readonly kind: 'refused'; readonly reason: string };

export type ToGuest =
  | { readonly kind: 'begin'; readonly data: GuestData }
  /** There are lines again. */
  | { readonly kind: 'lines' }
  | { readonly kind: 'facts'; readonly facts: Facts }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answer }
  | { readonly kind: 'resize'; readonly columns: number; readonly rows: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'redraw' }
  | { readonly kind: 'close' };

export type ToHost =
  /** Lines that found no room may be tried again. */
  | { readonly kind: 'room' }
  | { readonly kind: 'request'; readonly id: number; readonly request: Request }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'exit'; readonly exit: DashboardExit };
