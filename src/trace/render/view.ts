/** What every picture of a trace begins with: its figures, its part to show, its colours and its measure. */
import { type Analysis, analyse } from '../analysis.js';
import { type Folded, type FoldOptions, folds, foldTrace, unfolded } from '../fold.js';
import type { Trace } from '../forest.js';
import { ASCII, type LayoutOptions, UNICODE } from './layout.js';
import { painter, ServiceStyles } from './palette.js';

export interface RenderOptions {
  /** Columns of the terminal; from 40 up. Default 80. */
  readonly width?: number | undefined;
  /** Default false. */
  readonly color?: boolean | undefined;
  /** Draw with ASCII only; names and messages stay as they are. Default false. */
  readonly ascii?: boolean | undefined;
  /** Makes big traces small. What is left out is counted, and missed where it was; the figures stay those of the whole. */
  readonly fold?: FoldOptions | undefined;
}

export interface View {
  /** The whole of it. */
  readonly trace: Trace;
  readonly analysis: Analysis;
  readonly folded: Folded;
  readonly styles: ServiceStyles;
  readonly layout: LayoutOptions;
}

const NARROWEST = 40;

export function viewOf(trace: Trace, options: RenderOptions, analysis: Analysis = analyse(trace)): View {
  const fold = options.fold ?? {};
  return {
    trace,
    analysis,
    folded: folds(fold) ? foldTrace(trace, fold) : unfolded(trace),
    styles: new ServiceStyles(),
    layout: layoutOf(options, analysis.startTime, analysis.durationMs),
  };
}

export function layoutOf(options: RenderOptions, startTime: number, totalMs: number): LayoutOptions {
  return {
    width: Math.max(NARROWEST, Math.floor(options.width ?? 80)),
    glyphs: options.ascii === true ? ASCII : UNICODE,
    paint: painter(options.color === true),
    startTime,
    totalMs,
  };
}
