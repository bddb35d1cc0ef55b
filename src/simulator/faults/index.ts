/**
 * The kinds of faults. To add one: its file, a line here, its schema in the scenario room (`FAULT_SCHEMAS`), which the
 * JSON Schema, the docs and the live switches are made of. The compiler asks for the line here once the type is there.
 */
import type { Random } from '../../kernel/index.js';
import type { FaultOf, FaultType } from '../../scenario/index.js';
import { down } from './down.js';
import { drop } from './drop.js';
import { duplicate } from './duplicate.js';
import { error } from './error.js';
import { hang } from './hang.js';
import type { FaultKind, Strike } from './plan.js';
import { slow } from './slow.js';

const FAULTS: { readonly [K in FaultType]: FaultKind<K> } = { error, hang, drop, duplicate, slow, down };

export function arm<K extends FaultType>(fault: FaultOf<K> & { readonly type: K }, random: Random): Strike {
  return FAULTS[fault.type].arm(fault, random);
}
