/** What to begin with for an event of which nobody has seen one. */
import { checkPayload, type JsonObject } from '../../kernel/index.js';
import type { PayloadOf } from '../../session/index.js';
import { EVENT_EXAMPLES } from '../event-examples.js';

const BY_TYPE: ReadonlyMap<string, object> = new Map(Object.entries(EVENT_EXAMPLES));

/** An example for a well-known type; none for one event. */
export function examplePayload(wanted: PayloadOf): JsonObject | undefined {
  const example = 'type' in wanted ? BY_TYPE.get(wanted.type) : undefined;
  return example === undefined ? undefined : checkPayload(example);
}
