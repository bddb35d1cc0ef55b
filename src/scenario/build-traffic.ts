/** Requests and phases: validated values → plan. */

import { buildDelay } from './build-services.js';
import { type Build, buildCondition, buildPayload, hostAt, namesIn, positionOf } from './builder.js';
import type { Place } from './place.js';
import { quote } from './problems.js';
import type { WrittenPhase, WrittenRequest, WrittenStep } from './schema-traffic.js';
import { compileText } from './template.js';
import type { Phase, Request, Step } from './types.js';

/** Keys of `request` that a capture cannot take. */
const OWN_KEYS: ReadonlySet<string> = new Set(['name', 'trace_id']);

export function buildRequests(build: Build, written: readonly WrittenRequest[], place: Place): readonly Request[] {
  const seen = new Set<string>();
  return written.map((request, index) => {
    const at = place.child(index);
    if (seen.has(request.name)) {
      build.problems.add(at.child('name').value, `there is another request ${quote(request.name)}; names are unique`);
    }
    seen.add(request.name);
    return buildRequest(build, request, at);
  });
}

function buildRequest(build: Build, written: WrittenRequest, place: Place): Request {
  const identity = namesIn(build, 'identity');
  const text = (value: string, key: string) => compileText(value, hostAt(build, place.child(key), identity));
  return {
    name: written.name,
    weight: written.weight,
    source: written.source === undefined ? () => written.name : text(written.source, 'source'),
    traceId: written.trace_id === undefined ? undefined : text(written.trace_id, 'trace_id'),
    flow: buildFlow(build, written.flow, place.child('flow'), new Set()),
    position: positionOf(build, place),
  };
}

/** @param captured names captured by the steps so far; grows on the way. */
function buildFlow(
  build: Build,
  written: readonly WrittenStep[],
  place: Place,
  captured: Set<string>,
): readonly Step[] {
  return written.map((step, index) => buildStep(build, step, place.child(index), captured));
}

function buildStep(build: Build, written: WrittenStep, place: Place, captured: Set<string>): Step {
  const position = positionOf(build, place);
  if ('publish' in written) {
    const at = place.child('publish');
    const names = namesIn(build, 'flow', new Set(captured));
    const { type, payload, when } = written.publish;
    return {
      type: 'publish',
      event: type,
      payload: buildPayload(build, payload, at, names),
      when: buildCondition(build, when, at, names),
      position,
    };
  }
  if ('think' in written) {
    return { type: 'think', time: buildDelay(build, written.think, place.child('think')), position };
  }
  if ('wait_for' in written) {
    const { type, within, as } = written.wait_for;
    if (as !== undefined) {
      if (OWN_KEYS.has(as))
        build.problems.add(place.child('wait_for').child('as').value, `${quote(as)} is a key of \`request\` already`);
      captured.add(as);
    }
    return { type: 'wait_for', event: type, within, as, position };
  }
  const { count, flow } = written.loop;
  return { type: 'loop', count, flow: buildFlow(build, flow, place.child('loop').child('flow'), captured), position };
}

export function buildPhases(build: Build, written: readonly WrittenPhase[], place: Place): readonly Phase[] {
  return written.map((phase, index) => buildPhase(build, phase, place.child(index)));
}

function buildPhase(build: Build, written: WrittenPhase, place: Place): Phase {
  const base = { name: written.name, position: positionOf(build, place) };
  if ('pause' in written) return { ...base, type: 'pause', duration: written.pause };
  const { duration, arrivals } = written;
  if ('arrival_count' in written) {
    return { ...base, type: 'count', arrivalCount: written.arrival_count, duration, arrivals };
  }
  const { arrival_rate: arrivalRate, ramp_to: rampTo } = written;
  if (arrivalRate === 0 && (rampTo ?? 0) === 0) {
    build.problems.add(
      place.child('arrival_rate').value,
      'no requests arrive at this rate; for a quiet time write `pause`',
    );
  }
  if (rampTo === undefined) return { ...base, type: 'constant', duration, arrivalRate, arrivals };
  return { ...base, type: 'ramp', duration, arrivalRate, rampTo, arrivals };
}
