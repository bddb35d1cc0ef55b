/** What every part of the plan's construction shares: the file's problems and places, and the names in scope. */
import { checkPayload, isCfBusError, type JsonObject } from '../kernel/index.js';
import { checkName, type KnownNames } from './names.js';
import type { Place } from './place.js';
import type { Problems } from './problems.js';
import type { WrittenPublication } from './schema-services.js';
import { compileCondition, compilePayload, type TemplateHost } from './template.js';
import type { Condition, Position, Publication, Template } from './types.js';

export interface Build {
  readonly problems: Problems;
  readonly variables: JsonObject;
}

const NOTHING_CAPTURED: ReadonlySet<string> = new Set();

export function positionOf(build: Build, place: Place): Position {
  return build.problems.source.position(place.key.start);
}

export function namesIn(
  build: Build,
  stand: KnownNames['stand'],
  captured: ReadonlySet<string> = NOTHING_CAPTURED,
): KnownNames {
  return { stand, variables: build.variables, captured };
}

/** Checks the names of templates at `place`, and puts what is wrong where it stands in the file. */
export function hostAt(build: Build, place: Place, known: KnownNames): TemplateHost {
  const { problems } = build;
  return {
    position: (path) => problems.source.position(place.at(path).value.start),
    reads: (references, path) => {
      for (const { parts, start } of references) {
        const wrong = checkName(parts, known);
        if (wrong === undefined) continue;
        const before = parts.slice(0, wrong.index).join('.').length + (wrong.index > 0 ? 1 : 0);
        const length = parts[wrong.index]?.length ?? 1;
        const span = place.at(path).within(start + before, start + before + length);
        problems.add(span, wrong.message, wrong.suggestion);
      }
    },
    refused: ({ message, start, suggestion }, path) =>
      problems.add(place.at(path).within(start, start + 1), message, suggestion),
  };
}

const EMPTY: JsonObject = Object.freeze({});

export function buildPayload(
  build: Build,
  written: Readonly<Record<string, unknown>> | undefined,
  place: Place,
  known: KnownNames,
): Template<JsonObject> {
  if (written === undefined) return () => EMPTY;
  const at = place.child('payload');
  const payload = checkedPayload(written, build, at);
  return compilePayload(payload, hostAt(build, at, known));
}

function checkedPayload(written: Readonly<Record<string, unknown>>, build: Build, place: Place): JsonObject {
  try {
    return checkPayload(written);
  } catch (error) {
    if (!isCfBusError(error)) throw error;
    build.problems.add(place.key, error.message);
    return EMPTY;
  }
}

export function buildCondition(
  build: Build,
  written: string | undefined,
  place: Place,
  known: KnownNames,
): Condition | undefined {
  return written === undefined ? undefined : compileCondition(written, hostAt(build, place.child('when'), known));
}

/** @param place of the list, or of the one publication that stands in its place. */
export function buildPublications(
  build: Build,
  written: readonly WrittenPublication[] | undefined,
  place: Place,
  known: KnownNames,
): readonly Publication[] {
  return (written ?? []).map((publication, index) => {
    const at = place.child(index);
    return {
      type: publication.type,
      payload: buildPayload(build, publication.payload, at, known),
      after: publication.after,
      when: buildCondition(build, publication.when, at, known),
      position: positionOf(build, at),
    };
  });
}
