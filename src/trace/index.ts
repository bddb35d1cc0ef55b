/** From a log to what happened: records → a forest of events and deliveries → text. Cheap to load. */
export {
  type Analysis,
  analyse,
  type FirstError,
  type Outcome,
  type ServiceTime,
  type TraceCounts,
} from './analysis.js';
export { buildTrace } from './build.js';
export type {
  Elsewhere,
  FindOptions,
  FindResult,
  FoundTrace,
  MissingTrace,
  ReadReport,
  TraceHint,
} from './find-result.js';
export type {
  Attempt,
  AttemptEnd,
  AttemptError,
  Cause,
  DeliveryNode,
  DeliveryState,
  EventNode,
  Publication,
  Trace,
  TraceKey,
  TraceProblems,
} from './forest.js';
export { cascadeOf, type WalkStep, walk } from './walk.js';
