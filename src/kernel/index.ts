/** What every room stands on: time, randomness, ids, errors, safe text. It knows nothing of buses or scenarios. */
export { type Clock, realClock, ScaledClock, sleep, type Timer, type TimerOptions } from './clock.js';
export { formatDuration, parseDuration } from './duration.js';
export {
  CfBusError,
  type CfBusErrorOptions,
  describeError,
  ERROR_CODES,
  type ErrorCode,
  isCfBusError,
  systemErrorCode,
} from './errors.js';
export { Ids, newSessionId } from './ids.js';
export {
  checkPayload,
  FORBIDDEN_KEYS,
  isObject,
  type JsonObject,
  type JsonValue,
  MAX_PAYLOAD_BYTES,
  MAX_PAYLOAD_DEPTH,
  payloadTooLarge,
} from './json.js';
export { plural } from './plural.js';
export { chooseSeed, type Random, seededRandom, unseededRandom } from './random.js';
export { safe, safeJson, safeLines } from './safe.js';
export { shellWord } from './shell-word.js';
export { StepClock, type StepTime } from './step-clock.js';
export { suggest } from './suggest.js';
export { VERSION } from './version.js';
export { type ClockHold, type DriveOptions, VIRTUAL_EPOCH_MS, VirtualClock } from './virtual-clock.js';
export { displayWidth, graphemes, isNarrow } from './width.js';
