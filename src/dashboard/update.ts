/** message → model. Pure: what is to be done outside comes back as effects. The same object where nothing changed. */
import type { Data } from './data/data.js';
import { type IngestLimits, ingest } from './data/ingest.js';
import { ingestLines } from './data/ingest-lines.js';
import type { KeyName } from './keys.js';
import type { Effect, Message, Model, Notice, Step } from './model.js';
import { doing, notify, still } from './step.js';
import { pressKey } from './update-keys.js';
import { editPrompt, fetched, typeText } from './update-prompt.js';

/** New traces followed at once: far more than a person can look at, few enough to cost little. */
const LIMITS: IngestLimits = { newTraces: 600 };

export function update(model: Model, message: Message): Step {
  switch (message.kind) {
    case 'records': {
      const data = ingest(model.data, message.batch, message.dropped, LIMITS);
      return still(data === model.data ? model : known(model, data));
    }
    case 'lines':
      return still(known(model, ingestLines(model.data, message.lines, message.dropped)));
    case 'tick':
      return still(tick(model, message));
    case 'key':
      return press(model, message.key);
    case 'text':
      return model.prompt.kind === 'none' ? pressEach(model, message.text) : still(typeText(model, message.text));
    case 'resize': {
      const { columns, rows } = message;
      return still(model.columns === columns && model.rows === rows ? model : { ...model, columns, rows });
    }
    case 'gone':
      return still({ ...model, gone: message.reason });
    case 'scrubbed': {
      const { data, at, total } = message;
      return still({ ...model, data, scrub: { at, total } });
    }
    case 'published':
      return still(published(model, message.eventId, message.traceId));
    case 'fetched':
      return fetched(model, message);
    case 'refused':
      return still(refused(model, message.reason));
    case 'done':
      return still(notify(model, message.text, 'ok'));
  }
}

function known(model: Model, data: Data): Model {
  const arrived = data.controls !== model.data.controls && data.controls.speed === model.askedSpeed;
  return { ...model, data, askedSpeed: arrived ? undefined : model.askedSpeed };
}

function press(model: Model, key: KeyName): Step {
  // These work everywhere, also while a line is being typed.
  if (key === 'ctrl-c') return doing(model, { kind: 'interrupt' });
  if (key === 'ctrl-z') return doing(model, { kind: 'suspend' });
  if (key === 'ctrl-l') return doing(model, { kind: 'redraw' });
  return model.prompt.kind === 'none' ? pressKey(model, key) : editPrompt(model, key);
}

/** Keys typed faster than they are read come as one text. */
function pressEach(model: Model, text: string): Step {
  let step = still(model);
  const effects: Effect[] = [];
  const characters = [...text];
  for (const [index, character] of characters.entries()) {
    if (step.model.prompt.kind !== 'none') {
      return { model: typeText(step.model, characters.slice(index).join('')), effects };
    }
    step = pressKey(step.model, character === ' ' ? 'space' : character);
    effects.push(...step.effects);
  }
  return { model: step.model, effects };
}

function tick(model: Model, message: Extract<Message, { readonly kind: 'tick' }>): Model {
  const { finished, expectations } = message;
  // Of a session that is gone nobody knows what goes on; its time ends with it.
  const now = model.gone === undefined ? message.now : model.now;
  const notice = countDown(model.notice);
  const same = model.now === now && model.finished === finished && model.expectations === expectations;
  return same && notice === model.notice ? model : { ...model, now, finished, expectations, notice };
}

function countDown(notice: Notice | undefined): Notice | undefined {
  return notice === undefined || notice.ticks <= 1 ? undefined : { ...notice, ticks: notice.ticks - 1 };
}

function published(model: Model, eventId: string, traceId: string): Model {
  const sent = model.prompt.kind === 'publish' ? model.prompt.editor.text : undefined;
  const history =
    sent === undefined
      ? model.publishHistory
      : [...model.publishHistory.filter((line) => line !== sent), sent].slice(-50);
  const closed: Model = model.prompt.kind === 'publish' ? { ...model, prompt: { kind: 'none' } } : model;
  return notify({ ...closed, publishHistory: history }, `published ${eventId} - trace ${traceId}`, 'ok');
}

function refused(before: Model, reason: string): Model {
  const model = { ...before, askedSpeed: undefined };
  if (model.prompt.kind !== 'publish') return notify(model, reason, 'bad');
  return { ...model, prompt: { ...model.prompt, sending: false, problem: reason } };
}
