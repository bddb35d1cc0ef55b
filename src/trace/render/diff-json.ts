/** The differences of two requests as JSON. The shape is stable: keys are added, never renamed or removed. */
import type { Analysis } from '../analysis.js';
import { type DiffRow, differs, type TraceDiff } from '../diff.js';
import type { DeliveryNode, EventNode, Trace } from '../forest.js';
import { type GapJson, gapJson } from './json.js';

export interface DiffJson {
  readonly a: DiffSideJson;
  readonly b: DiffSideJson;
  readonly counts: Readonly<
    Record<'missing' | 'extra' | 'slower' | 'faster' | 'reordered' | 'ended_otherwise', number>
  >;
  readonly differences: readonly DifferenceJson[];
}

export interface DiffSideJson {
  readonly trace_id: string;
  readonly session: string;
  readonly outcome: string;
  readonly duration_ms: number;
  /** False: its log begins at level `info`, so that deliveries which went well are missing from it. */
  readonly deliveries_logged: boolean;
  /** True where some of it was concluded, not logged. */
  readonly inferred: boolean;
  /** Where records were lost while it was under way: what is missing or extra may be that. */
  readonly gaps: readonly GapJson[];
}

export interface DifferenceJson {
  /** At least one. */
  readonly changes: readonly ('missing' | 'extra' | 'slower' | 'faster' | 'reordered' | 'ended_otherwise')[];
  readonly kind: 'event' | 'delivery';
  /** From the root down: event types and `service.handler`, in turn. */
  readonly path: readonly string[];
  readonly a: NodeJson | null;
  readonly b: NodeJson | null;
}

export interface NodeJson {
  readonly event_id: string;
  /** Of a delivery. */
  readonly delivery_id?: string;
  readonly state?: string;
  readonly attempts?: number;
  readonly duration_ms?: number | null;
}

export function diffJson({ a, b, rows, counts }: TraceDiff): DiffJson {
  const { endedOtherwise, ...rest } = counts;
  const path: string[] = [];
  const differences: DifferenceJson[] = [];
  for (const row of rows) {
    path.length = row.depth;
    path.push(nameOf(row));
    if (differs(row)) differences.push(differenceJson(row, [...path]));
  }
  return {
    a: sideJson(a.trace, a.analysis),
    b: sideJson(b.trace, b.analysis),
    counts: { ...rest, ended_otherwise: endedOtherwise },
    differences,
  };
}

function sideJson(trace: Trace, { outcome, durationMs }: Analysis): DiffSideJson {
  const { traceId, session, deliveriesLogged, inferred, gaps } = trace;
  return {
    ...{ trace_id: traceId, session, outcome, duration_ms: durationMs },
    ...{ deliveries_logged: deliveriesLogged, inferred: inferred === true, gaps: gaps.map(gapJson) },
  };
}

function nameOf(row: DiffRow): string {
  if (row.kind === 'event') return (row.nodes.in === 'a' ? row.nodes.a : row.nodes.b).type;
  const { service, handler } = row.nodes.in === 'a' ? row.nodes.a : row.nodes.b;
  return service === '' ? handler : `${service}.${handler}`;
}

function differenceJson(row: DiffRow, path: readonly string[]): DifferenceJson {
  const { nodes } = row;
  const changes: DifferenceJson['changes'][number][] = [];
  if (nodes.in === 'a') changes.push('missing');
  if (nodes.in === 'b') changes.push('extra');
  if (row.reordered) changes.push('reordered');
  if (row.kind === 'delivery' && row.slower !== undefined) changes.push('slower');
  if (row.kind === 'delivery' && row.faster !== undefined) changes.push('faster');
  if (row.kind === 'delivery' && row.ending !== undefined) changes.push('ended_otherwise');
  return {
    changes,
    kind: row.kind,
    path,
    a: nodes.in === 'b' ? null : nodeJson(nodes.a),
    b: nodes.in === 'a' ? null : nodeJson(nodes.b),
  };
}

function nodeJson(node: EventNode | DeliveryNode): NodeJson {
  if (!('eventId' in node)) return { event_id: node.id };
  return {
    event_id: node.eventId,
    delivery_id: node.id,
    state: node.state.kind,
    attempts: node.attempts.length,
    duration_ms: node.durationMs ?? null,
  };
}
