/**
 * Random JSON, and what is hardly JSON, published on a bus with a log, over the control socket, and by `cf-bus publish`:
 * what is read from the log and its traces must be what was published, unless that was refused with its place; no
 * payload, name or error may pass for a key of a record; what is to be redacted is nowhere to be seen.
 */
import type { Part } from '../part.js';

export const payloads: Part = {
  name: 'payloads',
  promise: 'what comes out is what went in, or was refused with its place; nothing is forged; redaction holds',
  unit: 'payloads',
  run: async (context) => (await import('./payloads/run.js')).run(context),
};
