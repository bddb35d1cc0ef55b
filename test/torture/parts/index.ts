/** All parts, in the order they run in. */
import type { Part } from '../part.js';
import { crash } from './crash/crash.js';
import { faults } from './faults/faults.js';
import { semantics } from './semantics.js';
import { soak } from './soak/soak.js';

export const parts: readonly Part[] = [semantics, soak, faults];
