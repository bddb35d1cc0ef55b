import { contend } from '../lib/interleave.mjs';
import { costOf } from '../lib/measure.mjs';
import { CONTENDERS, makeHandlers } from './contenders.mjs';

contend(async ({ name, handlers, kind }) => {
  const publish = await CONTENDERS[name](makeHandlers(handlers, kind));
  return () => costOf(publish);
});
