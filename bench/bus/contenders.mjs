/** The ways to hand an event to K handlers: each gets the handlers, and gives what publishes one event to all of them. */
import { EventEmitter } from 'node:events';
import { do_not_optimize } from 'mitata';

const TYPE = 'index.updated';
const PAYLOAD = { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 };

/** K functions, each with a state of its own, as handlers have. */
export function makeHandlers(howMany, kind) {
  return Array.from({ length: howMany }, (_, index) => {
    let handled = index;
    if (kind === 'nothing') {
      return () => {
        handled++;
        do_not_optimize(handled);
      };
    }
    return async () => {
      handled++;
      do_not_optimize(handled);
    };
  });
}

/** The bus as `new EventBus()` gives it: isolation, statistics, history and probe, without a log. */
async function cfBus(handlers, observer) {
  const { EventBus } = await import('../../dist/index.js');
  const bus = new EventBus();
  if (observer !== undefined) bus.probe.attach(observer);
  for (const handler of handlers) bus.subscribe(TYPE, handler);
  return () => bus.publish({ type: TYPE, payload: PAYLOAD, source: 'vector_index_service' });
}

async function emittery(handlers) {
  const { default: Emittery } = await import('emittery');
  const emitter = new Emittery();
  for (const handler of handlers) emitter.on(TYPE, handler);
  return () => emitter.emit(TYPE, PAYLOAD);
}

export const CONTENDERS = {
  'cf-bus': (handlers) => cfBus(handlers),
  'cf-bus, an observer on its probe': (handlers) => {
    let seen = 0;
    const note = () => void seen++;
    return cfBus(handlers, { published: note, started: note, completed: note });
  },
  emittery,
  // It reads process.env.DEBUG at each emit, which is slow where the environment is not a plain object.
  'emittery, environment made plain': (handlers) => {
    process.env = { ...process.env };
    return emittery(handlers);
  },
  'moleculer, local emit': async (handlers) => {
    const { default: moleculer } = await import('moleculer');
    const broker = new moleculer.ServiceBroker({ logger: false });
    for (const [index, handler] of handlers.entries()) {
      broker.createService({ name: `service_${index}`, events: { [TYPE]: handler } });
    }
    await broker.start();
    return () => broker.emit(TYPE, PAYLOAD);
  },
  'Promise.allSettled': (handlers) => () => Promise.allSettled(handlers.map((handler) => handler(PAYLOAD))),
  'EventEmitter, not awaited': (handlers) => {
    const emitter = new EventEmitter().setMaxListeners(0);
    for (const handler of handlers) emitter.on(TYPE, handler);
    return () => emitter.emit(TYPE, PAYLOAD);
  },
  'mitt, not awaited': async (handlers) => {
    const { default: mitt } = await import('mitt');
    const emitter = mitt();
    for (const handler of handlers) emitter.on(TYPE, handler);
    return () => emitter.emit(TYPE, PAYLOAD);
  },
};
