/** All parts, in the order they run in. */
import type { Part } from '../part.js';
import { soak } from './soak/soak.js';

export const parts: readonly Part[] = [soak];
