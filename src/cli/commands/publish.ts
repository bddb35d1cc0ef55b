/** `cf-bus publish`. */
import { isEventType } from '../../bus/index.js';
import { CfBusError } from '../../kernel/index.js';
import { chooseSession } from '../../session/index.js';
import type { Context, ExitCode } from '../context.js';
import type { PublishOptions } from '../definitions/running.js';
import { readPayload } from '../payload.js';
import { sessionTarget } from '../publish/session-target.js';
import type { Target } from '../publish/target.js';

export async function publish(context: Context, type: string, options: PublishOptions): Promise<ExitCode> {
  if (!isEventType(type)) {
    throw new CfBusError('INVALID_EVENT', `"${type}" is no event type`, {
      hint: 'a type is words of letters, digits, _ and - joined by dots, such as index.updated',
    });
  }
  const { source, traceId } = options;
  const publication = { type, payload: await readPayload(context, options), source, traceId };
  const [target, { publishAndShow }] = await Promise.all([chooseTarget(context, options), loadTheRest()]);
  context.lifecycle.onClose(() => target.close());
  return publishAndShow(context, target, publication, options);
}

async function chooseTarget(context: Context, options: PublishOptions): Promise<Target> {
  const session = options.scenario === undefined ? await chooseSession({ session: options.session }) : undefined;
  if (session !== undefined) return sessionTarget(session, options.wait);
  const { openOneShot } = await import('../publish/open-one-shot.js');
  return openOneShot(context, options);
}

/** What is needed once the session has answered, loaded while it does: by then it has been asked. */
async function loadTheRest() {
  await new Promise((resolve) => setImmediate(resolve));
  return import('../publish/publish-and-show.js');
}
