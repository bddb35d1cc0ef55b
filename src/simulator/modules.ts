/** `module` handlers: the user's own code, on the simulation's clock. */
import type { Handler as BusHandler, Event, HandlerContext } from '../bus/index.js';
import { CfBusError, type ClockHold, describeError, isCfBusError, isObject, VirtualClock } from '../kernel/index.js';
import { type ModuleReference, showPosition } from '../scenario/index.js';
import type { ModuleLoader } from './module-loader.js';
import type { Stage } from './stage.js';

/** @throws CfBusError `INVALID_SCENARIO` where the module cannot be loaded or has no function as its default export. */
export async function loadModule(
  { path, specifier, position }: ModuleReference,
  loader: ModuleLoader,
  version: number,
): Promise<BusHandler> {
  const where = `${showPosition(position)}: module ${specifier}`;
  let loaded: unknown;
  try {
    loaded = await loader(path, version);
  } catch (error) {
    throw new CfBusError('INVALID_SCENARIO', `${where} cannot be loaded: ${describeError(error).message}`, {
      cause: error,
    });
  }
  const main = isObject(loaded) ? loaded.default : undefined;
  if (typeof main === 'function') return (event, context) => main(event, context);
  throw new CfBusError('INVALID_SCENARIO', `${where} has no function as its default export`, {
    hint: 'export default async function (event, context) { … }',
  });
}

/**
 * Runs a module's function. On the virtual clock it holds the clock, except while it waits on `context`: what it does
 * outside of that is seen as a stall, and named.
 */
export function runModule(
  main: BusHandler,
  label: string,
  stage: Stage,
  event: Event,
  context: HandlerContext,
): unknown {
  const { clock } = stage;
  if (!(clock instanceof VirtualClock)) return main(event, watchedContext(context, stage, UNHELD));
  const hold = clock.hold(label);
  stage.noteHold(hold);
  const watched = watchedContext(context, stage, hold);
  return call(() => main(event, watched)).finally(() => stage.releaseHold(hold));
}

const UNHELD: Pick<ClockHold, 'beginWait' | 'endWait'> = { beginWait: () => {}, endWait: () => {} };

async function call(work: () => unknown): Promise<unknown> {
  return work();
}

function watchedContext(
  context: HandlerContext,
  stage: Stage,
  hold: Pick<ClockHold, 'beginWait' | 'endWait'>,
): HandlerContext {
  const waiting = async <T>(wait: Promise<T>): Promise<T> => {
    hold.beginWait();
    try {
      return await wait;
    } catch (error) {
      // The run must end with it, whatever the module does with it.
      if (isCfBusError(error) && error.code === 'EVENT_LOOP') stage.onRefused(error);
      throw error;
    } finally {
      hold.endWait();
    }
  };
  const { publish, send, publishAfter, attempt, deliveryId, markFault, clock } = context;
  return {
    publish: (input) => {
      stage.published++;
      return waiting(publish(input));
    },
    send(input) {
      stage.published++;
      try {
        send(input);
      } catch (error) {
        if (isCfBusError(error) && error.code === 'EVENT_LOOP') stage.onRefused(error);
        throw error;
      }
    },
    publishAfter,
    attempt,
    deliveryId,
    markFault,
    clock: { now: clock.now, sleep: (ms) => waiting(clock.sleep(ms)) },
    // Made when asked for, as the bus does.
    get signal() {
      return context.signal;
    },
  };
}
