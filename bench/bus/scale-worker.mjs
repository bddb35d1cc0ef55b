import { EventBus } from '../../dist/index.js';
import { contend } from '../lib/interleave.mjs';
import { costOf } from '../lib/measure.mjs';
import { makeHandlers } from './contenders.mjs';

const TYPE = 'index.updated';
/** Long enough that more than 10,000 patterns match it. */
const LONG_TYPE = Array.from({ length: 14 }, (_, index) => `part${index}`).join('.');
const PAYLOAD = { files_indexed: 150 };

/** Each bit says whether a segment is named or `*`. */
function patternsOf(type, howMany) {
  const segments = type.split('.');
  return Array.from({ length: howMany }, (_, number) =>
    segments.map((segment, bit) => ((number >> bit) & 1 ? '*' : segment)).join('.'),
  );
}

/** What the bus holds, and what is published on it. */
const CASES = {
  /** K subscribers of one type. */
  subscribers(bus, { handlers }) {
    for (const handler of makeHandlers(handlers, 'promise')) bus.subscribe(TYPE, handler);
    return () => TYPE;
  },
  /** Four subscribers, beside subscribers of other types. */
  otherTypes(bus, { others }) {
    const [other] = makeHandlers(1, 'promise');
    for (let number = 0; number < others; number++) bus.subscribe(`other.type_${number}`, other);
    return CASES.subscribers(bus, { handlers: 4 });
  },
  /** Four subscribers, beside subscribers of patterns that do not match. */
  otherPatterns(bus, { others }) {
    const [other] = makeHandlers(1, 'promise');
    for (let number = 0; number < others; number++) bus.subscribe(`other_${number}.*`, other);
    return CASES.subscribers(bus, { handlers: 4 });
  },
  /** Types with a subscriber each, published one after the other. */
  allTypes(bus, { types }) {
    const [handler] = makeHandlers(1, 'promise');
    const names = Array.from({ length: types }, (_, number) => `some.type_${number}`);
    for (const name of names) bus.subscribe(name, handler);
    let at = 0;
    return () => names[at++ % types];
  },
  /** Subscribers with a pattern each, all of which match. */
  matchingPatterns(bus, { patterns }) {
    const handlers = makeHandlers(patterns, 'promise');
    for (const [index, pattern] of patternsOf(LONG_TYPE, patterns).entries()) bus.subscribe(pattern, handlers[index]);
    return () => LONG_TYPE;
  },
};

contend(async ({ name, ...sizes }) => {
  const bus = new EventBus();
  const next = CASES[name](bus, sizes);
  const publish = () => bus.publish({ type: next(), payload: PAYLOAD, source: 'bench' });
  const { deliveries } = await publish();
  return async () => {
    const cost = await costOf(publish);
    return { perPublish: cost, perDelivery: cost / deliveries.length };
  };
});
