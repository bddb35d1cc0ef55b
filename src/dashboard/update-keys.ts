/** Keys on the panes and on an open trace. */
import { isObject, safe, shellWord } from '../kernel/index.js';
import { traceFilter } from '../record/index.js';
import { findTrace } from './data/data.js';
import { type Action, actionOf, BINDINGS, type KeyName, type Place } from './keys.js';
import { type Model, type Overlay, PANES, type Pane, type ScrubMove, SORTS, type Step, shownData } from './model.js';
import { moveCursor, moveHelp, moveInTrace } from './move.js';
import { lineOf } from './publish-line.js';
import { selectedEvent, selectedId, selectedKey, selectedRecord, selectedTraceId } from './selection.js';
import { doing, notify, still } from './step.js';
import { pressControl } from './update-controls.js';
import { openFilter, openPublish, setFilter } from './update-prompt.js';

const SCRUBS: Partial<Readonly<Record<Action, ScrubMove>>> = {
  scrubBack: 'back',
  scrubForward: 'forward',
  scrubErrorBack: 'errorBack',
  scrubErrorForward: 'errorForward',
};

/** Places whose keys hold now. */
export function placesOf(model: Model): ReadonlySet<Place> {
  if (model.overlay.kind === 'help') return new Set<Place>(['everywhere', 'list']);
  const places = new Set<Place>(['everywhere', 'list']);
  const { publish, pauseBus, setSpeed, fault } = model.abilities;
  if (publish || pauseBus || setSpeed || fault) places.add('play');
  if (model.source === 'log') places.add('log file');
  if (model.overlay.kind === 'trace') return places.add('trace').add('log');
  const { focus } = model;
  if (focus === 'log' || focus === 'subscribers' || focus === 'traces') places.add(focus);
  if (focus === 'types' || focus === 'subscribers' || focus === 'traces') places.add('sorted');
  return places;
}

export function pressKey(model: Model, key: KeyName): Step {
  const action = actionOf(key, placesOf(model));
  return action === undefined ? still(hint(model, key)) : act(model, action);
}

/** A key that would do something elsewhere says so. */
function hint(model: Model, key: KeyName): Model {
  const binding = BINDINGS.find(({ keys }) => keys.includes(key));
  if (binding === undefined || model.overlay.kind !== 'none') return model;
  if (binding.place === 'play') return notify(model, 'this is only to look at: nothing here can be controlled', 'warn');
  if (binding.place === 'log file')
    return notify(model, `${key} moves through a log file; this is a running session`, 'warn');
  return notify(
    model,
    `${key} works in: ${binding.place === 'sorted' ? 'types, subscribers, traces' : binding.place}`,
    'warn',
  );
}

function act(model: Model, action: Action): Step {
  const scrub = SCRUBS[action];
  if (scrub !== undefined) return doing(model, { kind: 'scrub', move: scrub });
  switch (action) {
    case 'quit':
      return doing(model, { kind: 'quit' });
    case 'interrupt':
    case 'suspend':
    case 'redraw':
      return doing(model, { kind: action });
    case 'copy':
      return copy(model);
    case 'replay':
      return replay(model);
    case 'pauseBus':
    case 'faster':
    case 'slower':
    case 'fault':
    case 'delay':
    case 'outage':
      return pressControl(model, action);
    default:
      return still(look(model, action));
  }
}

/** What only changes the view. */
function look(model: Model, action: Action): Model {
  switch (action) {
    case 'help':
      return { ...model, overlay: helpOr(model.overlay) };
    case 'nextPane':
      return switchPane(model, 1);
    case 'previousPane':
      return switchPane(model, -1);
    case 'pane1':
    case 'pane2':
    case 'pane3':
    case 'pane4':
    case 'pane5':
      return focusPane(model, PANES[Number(action.slice(4)) - 1] ?? 'log');
    case 'zoom':
      return { ...model, zoom: !model.zoom, overlay: { kind: 'none' } };
    case 'open':
      return open(model);
    case 'back':
      return back(model);
    case 'sort':
      return nextSort(model);
    case 'filter':
      return openFilter({ ...model, overlay: { kind: 'none' } });
    case 'filterTrace':
      return openFilter({ ...model, overlay: { kind: 'none' } }, traceFilter(selectedTraceId(model) ?? ''));
    case 'publish':
      return model.abilities.publish ? openPublish(model) : notify(model, 'publishing is not possible here', 'warn');
    case 'pauseView':
      return pauseView(model);
    default:
      return move(model, action);
  }
}

function helpOr(overlay: Overlay): Overlay {
  return overlay.kind === 'help' ? overlay.over : { kind: 'help', top: 0, over: overlay };
}

function move(model: Model, action: Action): Model {
  if (model.overlay.kind === 'help') return moveHelp(model, action);
  return model.overlay.kind === 'trace' ? moveInTrace(model, action) : moveCursor(model, action);
}

function switchPane(model: Model, step: number): Model {
  const visible: readonly Pane[] =
    model.expectations.length > 0 ? PANES : PANES.filter((pane) => pane !== 'expectations');
  const at = visible.indexOf(model.focus);
  return focusPane(model, visible[(at + step + visible.length) % visible.length] ?? 'log');
}

function focusPane(model: Model, focus: Pane): Model {
  if (model.focus === focus && model.overlay.kind === 'none') return model;
  return { ...model, focus, overlay: { kind: 'none' } };
}

function back(model: Model): Model {
  if (model.overlay.kind === 'help') return { ...model, overlay: model.overlay.over };
  if (model.overlay.kind !== 'none') return { ...model, overlay: { kind: 'none' } };
  if (model.zoom) return { ...model, zoom: false };
  if (model.filterText !== '') return setFilter(model, '');
  if (model.cursors[model.focus].key === undefined) return model;
  return { ...model, cursors: { ...model.cursors, [model.focus]: { key: undefined, at: 0 } } };
}

function nextSort(model: Model): Model {
  const { focus } = model;
  if (focus !== 'types' && focus !== 'subscribers' && focus !== 'traces') return model;
  const modes: readonly string[] = SORTS[focus];
  const next = modes[(modes.indexOf(model.sorts[focus]) + 1) % modes.length] ?? modes[0];
  return { ...model, sorts: { ...model.sorts, [focus]: next } };
}

function pauseView(model: Model): Model {
  if (model.source === 'log') return notify(model, 'a log file stands still; [ and ] move through time', 'warn');
  if (model.frozen !== undefined) return { ...model, frozen: undefined };
  return { ...model, frozen: model.data, frozenNow: model.now };
}

function open(model: Model): Model {
  if (model.overlay.kind === 'trace') return moveInTrace(model, 'open');
  if (model.overlay.kind === 'help') return { ...model, overlay: model.overlay.over };
  const key = selectedKey(model);
  if (key === undefined) return model;
  switch (model.focus) {
    case 'traces':
      return openTrace(model, key, undefined);
    case 'log':
      return openRecord(model);
    case 'types':
      return setFilter({ ...model, focus: 'log' }, `type:${key}`);
    case 'subscribers': {
      const stats = shownData(model).subscribers.get(key);
      const service = stats === undefined || stats.service === '' ? '' : `service:${stats.service} `;
      return setFilter({ ...model, focus: 'log' }, `${service}handler:${stats?.handler ?? key}`);
    }
    case 'expectations':
      return notify(model, model.expectations[Number(key)]?.detail ?? '');
  }
}

function openRecord(model: Model): Model {
  const record = selectedRecord(model)?.record;
  const id = record?.trace_id;
  if (record === undefined || typeof id !== 'string') return notify(model, 'this record belongs to no trace', 'warn');
  const { traces } = shownData(model);
  const key = [id, `${id}\u0000${record.session}`].find((one) => findTrace(traces, one)?.session === record.session);
  const row = typeof record.delivery_id === 'string' ? record.delivery_id : record.event_id;
  if (key !== undefined) return openTrace(model, key, typeof row === 'string' ? row : undefined);
  return notify(model, `that trace is no longer held here: cf-bus trace ${shellWord(id)}`, 'warn');
}

function openTrace(model: Model, key: string, row: string | undefined): Model {
  const overlay = { kind: 'trace', key, cursor: { key: row, at: 0 }, folded: new Set<string>() } as const;
  return { ...model, overlay };
}

function copy(model: Model): Step {
  const text = selectedId(model);
  return text === undefined
    ? still(model)
    : doing(notify(model, `copied ${text}`, 'ok'), { kind: 'copy', text: safe(text) });
}

function replay(model: Model): Step {
  if (!model.abilities.publish) return still(notify(model, 'publishing is not possible here', 'warn'));
  const event = selectedEvent(model);
  if (event === undefined) return still(notify(model, 'no event here to publish again', 'warn'));
  const { id, type, payload } = event;
  if (isObject(payload)) return still(openPublish(model, lineOf(type, payload)));
  return doing(model, { kind: 'fetch', purpose: { kind: 'replay', event: { id, type } } });
}
