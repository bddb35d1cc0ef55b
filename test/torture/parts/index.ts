/** All parts, in the order they run in. */
import type { Part } from '../part.js';

export const parts: readonly Part[] = [];
