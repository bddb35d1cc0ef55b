import { EventBus } from '../../dist/index.js';
import { contend } from '../lib/interleave.mjs';

/** Bytes of the heap that are in use, once all garbage is gone. */
function heapBytes() {
  for (let pass = 0; pass < 4; pass++) globalThis.gc();
  return process.memoryUsage().heapUsed;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

async function publishMany(bus, howMany) {
  for (let number = 0; number < howMany; number++) {
    await bus.publish({ type: 'index.updated', payload: { number }, source: 'bench' });
    if (number % 1_000 === 0) await turn();
  }
}

/** Bytes a subscription, an event or a type; what is kept on purpose (handlers, names) was made before. */
const CASES = {
  oneType: (howMany) =>
    subscriptions(howMany, (bus, handlers) => {
      for (const handler of handlers) bus.subscribe('index.updated', handler);
    }),
  onePattern: (howMany) =>
    subscriptions(howMany, (bus, handlers) => {
      for (const handler of handlers) bus.subscribe('index.*', handler);
    }),
  manyTypes: (howMany) => {
    const names = Array.from({ length: howMany }, (_, number) => `some.type_${number}`);
    return subscriptions(howMany, (bus, handlers) => {
      for (const [index, handler] of handlers.entries()) bus.subscribe(names[index], handler);
    });
  },
  async published(howMany) {
    const bus = new EventBus();
    for (let each = 0; each < 4; each++) bus.subscribe('index.updated', async () => {});
    await publishMany(bus, 20_000);
    await turn();
    const before = heapBytes();
    await publishMany(bus, howMany);
    await turn();
    const bytes = (heapBytes() - before) / howMany;
    await bus.close();
    return bytes;
  },
  left(howMany) {
    const handlers = Array.from({ length: howMany }, () => () => {});
    const bus = new EventBus();
    comeAndGo(bus, handlers);
    const before = heapBytes();
    comeAndGo(bus, handlers);
    return (heapBytes() - before) / howMany + (bus.closed ? 1 : 0);
  },
};

/** A function of its own, so that nothing on the stack keeps what it made. */
function comeAndGo(bus, handlers) {
  const subscriptions = handlers.map((handler) => bus.subscribe('index.updated', handler));
  for (const subscription of subscriptions) subscription.unsubscribe();
}

function subscriptions(howMany, fill) {
  const handlers = Array.from({ length: howMany }, () => () => {});
  const before = heapBytes();
  const bus = new EventBus();
  fill(bus, handlers);
  const bytes = (heapBytes() - before) / howMany;
  // Used afterwards, so that it is alive until here.
  return bus.closed ? 0 : bytes;
}

contend(
  ({ name, howMany }) =>
    () =>
      CASES[name](howMany),
);
