/** Keys while a line is being typed: the filter, an event to publish, a delay. */
import { parseDuration } from '../kernel/index.js';
import { NO_FILTER, parseFilter } from '../record/index.js';
import { type EditKey, type Editor, edit, editorOf, insert } from './editor.js';
import type { KeyName } from './keys.js';
import type { Message, Model, Prompt, Step } from './model.js';
import { completions, lineOf, parsePublish, splitPublish, templateLine } from './publish-line.js';
import { doing, still } from './step.js';

type Open = Exclude<Prompt, { readonly kind: 'none' }>;
type PublishPrompt = Extract<Prompt, { readonly kind: 'publish' }>;

const EDIT_KEYS: Readonly<Record<KeyName, EditKey>> = {
  left: 'left',
  right: 'right',
  home: 'home',
  end: 'end',
  'ctrl-a': 'home',
  'ctrl-e': 'end',
  'ctrl-b': 'left',
  'ctrl-f': 'right',
  'ctrl-d': 'delete',
  backspace: 'backspace',
  'ctrl-h': 'backspace',
  'ctrl-u': 'kill-before',
  'ctrl-k': 'kill-after',
  'ctrl-w': 'kill-word',
};

const CLOSED: Prompt = { kind: 'none' };
const HISTORY = 50;

export function openFilter(model: Model, text = model.filterText): Model {
  const editor = editorOf(text === '' || /[ :]$/.test(text) ? text : `${text} `);
  const opened: Model = { ...model, prompt: { kind: 'filter', editor, recall: 0, before: model.filterText } };
  return setFilter(opened, text);
}

export function openPublish(model: Model, text = '', problem?: string): Model {
  const prompt: PublishPrompt = {
    kind: 'publish',
    editor: editorOf(text),
    recall: 0,
    sending: false,
    problem,
    choice: -1,
  };
  return { ...model, prompt };
}

/** The payload that was asked for has come, or the word that nobody knows it. */
export function fetched(model: Model, { purpose, payload }: Extract<Message, { readonly kind: 'fetched' }>): Step {
  const { prompt } = model;
  if (purpose.kind === 'replay') {
    if (prompt.kind !== 'none') return still(model);
    const { id, type } = purpose.event;
    if (payload !== undefined) return still(openPublish(model, lineOf(type, payload)));
    const problem = `what ${id} carried is not known any more: this is like the last ${type}`;
    return still(openPublish(model, templateLine(model, type, undefined), problem));
  }
  const { type, send: sends } = purpose;
  // Somebody typed on meanwhile.
  if (prompt.kind !== 'publish' || prompt.sending || prompt.editor.text !== type) return still(model);
  const line = templateLine(model, type, payload);
  const completed = edited(model, prompt, editorOf(line));
  return sends && line === `${type} {}` && completed.prompt.kind === 'publish'
    ? send(completed, completed.prompt)
    : still(completed);
}

/** Sets the filter; the log follows the newest match. */
export function setFilter(model: Model, text: string): Model {
  const trimmed = text.trim();
  if (trimmed === model.filterText) return model;
  const filter = trimmed === '' ? NO_FILTER : parseFilter(trimmed);
  const cursors = { ...model.cursors, log: { key: undefined, at: 0 } };
  return { ...model, filterText: trimmed, filter, cursors };
}

export function typeText(model: Model, text: string): Model {
  const { prompt } = model;
  if (prompt.kind === 'none' || (prompt.kind === 'publish' && prompt.sending)) return model;
  // A pasted line break does not send: what is pasted can be looked at first.
  return edited(model, prompt, insert(prompt.editor, text));
}

export function editPrompt(model: Model, key: KeyName): Step {
  const { prompt } = model;
  if (prompt.kind === 'none') return still(model);
  if (prompt.kind === 'publish' && prompt.sending) return still(key === 'esc' ? { ...model, prompt: CLOSED } : model);
  const editKey = EDIT_KEYS[key];
  if (editKey !== undefined) return still(edited(model, prompt, edit(prompt.editor, editKey)));
  switch (key) {
    case 'esc':
      return still(cancel(model, prompt));
    case 'enter':
      return accept(model, prompt);
    case 'tab':
    case 'shift-tab':
      return prompt.kind === 'publish' ? complete(model, prompt, key === 'tab' ? 1 : -1) : still(model);
    case 'up':
      return still(recall(model, prompt, 1));
    case 'down':
      return still(recall(model, prompt, -1));
    default:
      return still(model);
  }
}

function edited(model: Model, prompt: Open, editor: Editor): Model {
  switch (prompt.kind) {
    case 'filter':
      // The log is filtered as one types.
      return setFilter({ ...model, prompt: { ...prompt, editor } }, editor.text);
    case 'publish':
      return { ...model, prompt: { ...prompt, editor, problem: undefined, choice: -1 } };
    case 'delay':
      return { ...model, prompt: { ...prompt, editor, problem: undefined } };
  }
}

function cancel(model: Model, prompt: Open): Model {
  const closed: Model = { ...model, prompt: CLOSED };
  return prompt.kind === 'filter' ? setFilter(closed, prompt.before) : closed;
}

function accept(model: Model, prompt: Open): Step {
  switch (prompt.kind) {
    case 'filter': {
      const text = prompt.editor.text.trim();
      const history = text === '' ? model.filterHistory : [...model.filterHistory.filter((old) => old !== text), text];
      const focused: Model = { ...model, prompt: CLOSED, filterHistory: history.slice(-HISTORY), focus: 'log' };
      return still(setFilter(focused, text));
    }
    case 'publish':
      return send(model, prompt);
    case 'delay': {
      const byMs = parseDuration(prompt.editor.text);
      if (byMs === undefined || byMs <= 0) {
        return still({ ...model, prompt: { ...prompt, problem: 'a duration such as 200ms or 1.5s' } });
      }
      const change = { target: prompt.target, type: 'slow', on: true, byMs } as const;
      return doing({ ...model, prompt: CLOSED }, { kind: 'fault', change });
    }
  }
}

function send(model: Model, prompt: PublishPrompt): Step {
  const { type, typing } = splitPublish(prompt.editor.text);
  const chosen = typing ? completions(model, type)[prompt.choice] : undefined;
  if (chosen !== undefined) return fetchFor(model, prompt, chosen, false);
  // A bare type is completed first, and its payload shown, before anything is sent.
  if (typing && type !== '') return fetchFor(model, prompt, type, true);
  const parsed = parsePublish(prompt.editor.text);
  if (parsed.kind === 'wrong') return still({ ...model, prompt: { ...prompt, problem: parsed.problem } });
  return doing(
    { ...model, prompt: { ...prompt, sending: true, problem: undefined } },
    { kind: 'publish', event: parsed.event },
  );
}

/** Tab: the common beginning, then one known type after another; then the payload of the last event of that type. */
function complete(model: Model, prompt: PublishPrompt, step: 1 | -1): Step {
  const { type, typing } = splitPublish(prompt.editor.text);
  if (!typing) return still(model);
  const found = completions(model, type);
  const [only] = found;
  if (only === undefined) return still(model);
  if (found.length === 1 || found.includes(type)) {
    return fetchFor(model, prompt, found.includes(type) ? type : only, false);
  }
  const common = commonStart(found.filter((one) => one.startsWith(type)));
  if (common.length > type.length) return still(edited(model, prompt, editorOf(common)));
  return still(choose(model, prompt, step));
}

/** The line is `type` alone until its payload has come. */
function fetchFor(model: Model, prompt: PublishPrompt, type: string, sends: boolean): Step {
  const purpose = { kind: 'complete', type, send: sends } as const;
  return doing(edited(model, prompt, editorOf(type)), { kind: 'fetch', purpose });
}

function commonStart(texts: readonly string[]): string {
  const [first = '', ...others] = texts;
  let length = first.length;
  for (const other of others) {
    while (length > 0 && !other.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

function recall(model: Model, prompt: Open, step: 1 | -1): Model {
  if (prompt.kind === 'delay') return model;
  if (
    prompt.kind === 'publish' &&
    splitPublish(prompt.editor.text).typing &&
    prompt.recall === 0 &&
    prompt.editor.text !== ''
  ) {
    return choose(model, prompt, step === 1 ? -1 : 1);
  }
  const history = prompt.kind === 'filter' ? model.filterHistory : model.publishHistory;
  const at = Math.max(0, Math.min(history.length, prompt.recall + step));
  if (at === prompt.recall) return model;
  const editor = editorOf(at === 0 ? '' : (history.at(-at) ?? ''));
  const next = edited(model, prompt, editor);
  return next.prompt.kind === 'filter' || next.prompt.kind === 'publish'
    ? { ...next, prompt: { ...next.prompt, recall: at } }
    : next;
}

function choose(model: Model, prompt: PublishPrompt, step: 1 | -1): Model {
  const found = completions(model, splitPublish(prompt.editor.text).type);
  if (found.length === 0) return model;
  const from = prompt.choice < 0 && step < 0 ? 0 : prompt.choice;
  return { ...model, prompt: { ...prompt, choice: (from + step + found.length) % found.length } };
}
