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
export { type Cell, cellsOf, ticksOf } from './cells.js';
export { type CriticalKind, type CriticalSegment, criticalPath } from './critical-path.js';
export { parseTime } from './dialect/time.js';
export { type DiffCounts, type DiffOptions, type DiffRow, differs, diffTraces, type TraceDiff } from './diff.js';
export { type ExportFormat, exportTraces, isExportFormat, MERMAID_MAX_CHARACTERS } from './export/index.js';
export { findTrace } from './find.js';
export type {
  Elsewhere,
  FindOptions,
  FindResult,
  FoundTimeline,
  FoundTrace,
  MissingTrace,
  ReadReport,
  TraceHint,
} from './find-result.js';
export { type Folded, type FoldOptions, folds, foldTrace, type HiddenCounts } from './fold.js';
export { type TraceLine, traceLineReader } from './follow.js';
export type {
  Attempt,
  AttemptEnd,
  AttemptError,
  Cause,
  DeliveryNode,
  DeliveryState,
  EventNode,
  InferredFact,
  LogGap,
  Publication,
  Trace,
  TraceKey,
  TraceProblems,
} from './forest.js';
export { type IndexOptions, indexLogs } from './index-logs.js';
export { type LeftOut, type ListKey, type ListOptions, listTraces, type TraceList, type TraceListing } from './list.js';
export { type LogEntry, logEntries } from './log-entries.js';
export { findNewest, type NewestOptions, type NewestTrace } from './newest.js';
export { isRotatedPartOf, type LogInput, type LogStream } from './read/input.js';
export { readRecords } from './read/records.js';
export { type ReadTracesOptions, readTraces } from './read-traces.js';
export { renderDiff } from './render/diff.js';
export { type DiffJson, diffJson } from './render/diff-json.js';
export {
  type AttemptJson,
  type DeliveryJson,
  type EventJson,
  renderJson,
  type TraceJson,
  traceJson,
} from './render/json.js';
export { type LogRenderOptions, renderLog } from './render/log.js';
export { renderTimeline, type TimelineRenderOptions } from './render/timeline.js';
export {
  buildCascade,
  type Cascade,
  type CascadeOptions,
  renderCascade,
  renderTree,
} from './render/tree.js';
export type { RenderOptions } from './render/view.js';
export { renderWaterfall } from './render/waterfall.js';
export { renderWhy, type WhyJson, whyJson } from './render/why.js';
export { gapWords, hiddenWords } from './render/words.js';
export { selfTimes } from './self-time.js';
export type { LogSubscriptionStats, SessionStats } from './session-stats.js';
export { type LogStats, logStats, type StatsOptions } from './stats.js';
export {
  MAX_TIMELINE_ENTRIES,
  TIMELINE_LEVELS,
  type Timeline,
  type TimelineEntry,
  type TimelineLevel,
} from './timeline.js';
export { type TimelineJson, type TimelineLineJson, timelineJson } from './timeline-json.js';
export { cascadeOf, type WalkStep, walk } from './walk.js';
export {
  type Bar,
  type BarKind,
  type Mark,
  type MarkKind,
  type Waterfall,
  type WaterfallRow,
  waterfallOf,
} from './waterfall.js';
export { explainEvent, type WhyOptions, type WhyReport, type WhyResult } from './why.js';
export type { NearestPattern, Verdict, WhySubscriber } from './why-verdict.js';
