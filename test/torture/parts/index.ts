/** All parts, in the order they run in. */
import type { Part } from '../part.js';
import { crash } from './crash/crash.js';
import { disk } from './disk/disk.js';
import { faults } from './faults/faults.js';
import { files } from './files.js';
import { payloads } from './payloads.js';
import { semantics } from './semantics.js';
import { signals } from './signals/signals.js';
import { soak } from './soak/soak.js';
import { socket } from './socket/socket.js';
import { terminal } from './terminal.js';

export const parts: readonly Part[] = [
  semantics,
  crash,
  signals,
  disk,
  files,
  payloads,
  terminal,
  socket,
  soak,
  faults,
];
