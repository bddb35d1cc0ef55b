/** What the schema found wrong → problems in a user's words, each at its place. */
import * as z from 'zod/mini';
import { isObject } from '../kernel/index.js';
import type { Place } from './place.js';
import { listWords, type Problems, quote } from './problems.js';
import { suggestKey, suggestValue } from './synonyms.js';

type Issue = z.core.$ZodIssue;
type RawIssue = z.core.$ZodRawIssue;
type Path = readonly PropertyKey[];

/** A way of reading a union that is wrong from the root, such as a list where a map is meant. */
const WRONG_KIND = 1_000;
const WRONG_KEY = 10;

/**
 * Words for the issues whose schema has none of its own. Also notes what the reporter needs and the library does
 * not keep: the keys an object knows, and whether the value was missing.
 */
export function wordIssue(raw: RawIssue): string {
  const notes: Record<string, unknown> = raw;
  notes.missing = raw.input === undefined;
  if (raw.code === 'unrecognized_keys') notes.allowed = knownKeys(raw.inst);
  return phrase(raw);
}

function phrase(raw: RawIssue): string {
  const { input } = raw;
  switch (raw.code) {
    case 'invalid_type':
      return input === null
        ? `is empty; it must be ${kindOf(raw.expected)}`
        : `must be ${kindOf(raw.expected)}, not ${describe(input)}`;
    case 'invalid_value': {
      const words = raw.values.map(String);
      return `must be ${listWords(words.map(quote))}, not ${describe(input)}`;
    }
    case 'too_small': {
      if (raw.origin === 'string') return 'must not be empty';
      if (raw.origin === 'array') return 'must not be an empty list';
      return `must be ${raw.inclusive === false ? 'above' : 'at least'} ${raw.minimum}, not ${input}`;
    }
    case 'too_big':
      if (raw.origin === 'string') return `must have at most ${raw.maximum} characters`;
      return `must be at most ${raw.maximum}, not ${input}`;
    default:
      return '';
  }
}

function kindOf(expected: string): string {
  const kinds: Readonly<Record<string, string>> = {
    object: 'a map of keys',
    record: 'a map of keys',
    array: 'a list',
    string: 'text',
    number: 'a number',
    int: 'a whole number',
  };
  return kinds[expected] ?? expected;
}

function describe(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object' && input !== null) return 'a map of keys';
  return typeof input === 'string' ? quote(input) : String(input);
}

function knownKeys(schema: unknown): readonly string[] {
  return schema instanceof z.ZodMiniObject ? Object.keys(schema.shape) : [];
}

/** Adds the issues of a failed validation to `problems`. */
export function reportIssues(issues: readonly Issue[], place: Place, problems: Problems): void {
  for (const issue of issues) report(issue, [], { place, problems });
}

interface Target {
  readonly place: Place;
  readonly problems: Problems;
}

function report(issue: Issue, prefix: Path, target: Target): void {
  const path = [...prefix, ...issue.path];
  if (isMissing(issue)) return reportMissing(path, target);
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) reportUnknown(key, path, allowedOf(issue), target);
      return;
    case 'invalid_union':
      return reportUnion(issue, path, target);
    case 'invalid_key': {
      const message = issue.issues[0]?.message ?? 'is no name';
      target.problems.add(target.place.at(path).key, `${label(path)} ${message}`);
      return;
    }
    case 'invalid_value': {
      const { input } = issue;
      const words = issue.values.map(String);
      const suggestion = typeof input === 'string' && words.length > 1 ? suggestValue(input, words) : undefined;
      target.problems.add(target.place.at(path).value, `${label(path)} ${issue.message}`, suggestion);
      return;
    }
    default:
      target.problems.add(target.place.at(path).value, `${label(path)} ${issue.message}`);
  }
}

function reportMissing(path: Path, { place, problems }: Target, choices = ''): void {
  const parent = path.slice(0, -1);
  problems.add(place.at(parent).key, `\`${String(path.at(-1))}\` is missing in ${label(parent)}${choices}`);
}

function reportUnknown(key: string, path: Path, allowed: readonly string[], { place, problems }: Target): void {
  const suggestion = suggestKey(key, allowed);
  const known = suggestion === undefined ? `; known are ${listWords(allowed, 'and')}` : '';
  const span = place.at([...path, key]).key;
  problems.add(span, `unknown key ${quote(key)} in ${label(path)}${known}`, suggestion);
}

type UnionIssue = z.core.$ZodIssueInvalidUnion;

function reportUnion(issue: UnionIssue, path: Path, target: Target): void {
  if (issue.errors.length === 0) return reportDiscriminator(issue, path, target);
  if (issue.message !== '' && (typeof issue.input !== 'object' || issue.input === null)) {
    target.problems.add(target.place.at(path).value, `${label(path)} ${issue.message}`);
    return;
  }
  const readings = issue.errors.map((errors) => ({ errors, score: score(errors) }));
  const best = Math.min(...readings.map((reading) => reading.score));
  const nearest = readings.filter((reading) => reading.score === best);
  const [only] = nearest;
  if (best < WRONG_KEY && only !== undefined) return reportAll(only.errors, path, target);
  if (best >= WRONG_KIND) {
    const message = issue.message !== '' ? issue.message : either(issue.errors);
    target.problems.add(target.place.at(path).value, `${label(path)} ${message}`);
    return;
  }
  const maps = issue.errors.filter((errors) => score(errors) < WRONG_KIND);
  const unknown = unknownEverywhere(maps);
  if (unknown.length > 0) {
    const allowed = [...new Set(maps.flatMap((errors) => errors.flatMap(allowedOf)))];
    for (const key of unknown) reportUnknown(key, path, allowed, target);
  } else if (only !== undefined && (nearest.length === 1 || issue.message === '')) {
    reportAll(only.errors, path, target);
  } else {
    target.problems.add(target.place.at(path).value, `${label(path)} ${issue.message}`);
  }
}

function reportAll(errors: readonly Issue[], path: Path, target: Target): void {
  for (const error of errors) report(error, path, target);
}

function reportDiscriminator(issue: UnionIssue, path: Path, { place, problems }: Target): void {
  const at = place.at(path);
  const words = 'options' in issue && issue.options !== undefined ? issue.options.map(String) : [];
  const key = issue.path.at(-1);
  const written = isObject(issue.input) && typeof key === 'string' ? issue.input[key] : undefined;
  if (written === undefined) return reportMissing(path, { place, problems }, `: ${listWords(words.map(quote))}`);
  const alone = words.includes('lognormal') && (written === 'constant' || written === 'fixed');
  const note = alone ? '; a delay that is always the same is written alone, as in `delay: 80ms`' : '';
  const suggestion = typeof written === 'string' && !alone ? suggestValue(written, words) : undefined;
  problems.add(
    at.value,
    `${label(path)} must be ${listWords(words.map(quote))}, not ${describe(written)}${note}`,
    suggestion,
  );
}

/** How far a value is from one reading of a union; wrong keys at its root weigh most. */
function score(errors: readonly Issue[]): number {
  let total = 0;
  for (const issue of errors) {
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) total += WRONG_KEY * issue.keys.length;
    else if (issue.path.length === 0 && issue.code === 'invalid_union')
      total += Math.min(...issue.errors.map(score), WRONG_KIND);
    else if (issue.path.length === 0 && issue.code === 'invalid_type') total += WRONG_KIND;
    else if (issue.path.length === 1 && isMissing(issue)) total += WRONG_KEY;
    else total += 1 / errors.length;
  }
  return total;
}

function unknownEverywhere(readings: readonly (readonly Issue[])[]): readonly string[] {
  const [first, ...others] = readings.map(
    (errors) =>
      new Set(
        errors.flatMap((issue) => (issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [])),
      ),
  );
  return [...(first ?? [])].filter((key) => others.every((other) => other.has(key)));
}

function either(readings: readonly (readonly Issue[])[]): string {
  return readings[0]?.[0]?.message ?? 'is wrong';
}

function isMissing(issue: Issue): boolean {
  return 'missing' in issue && issue.missing === true && issue.path.length > 0;
}

function allowedOf(issue: Issue): readonly string[] {
  return 'allowed' in issue && Array.isArray(issue.allowed) ? issue.allowed.map(String) : [];
}

function label(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return 'the scenario';
  if (typeof last !== 'number') return quote(String(last));
  const list = path.at(-2);
  return quote(`${list === undefined ? '' : String(list)}[${last}]`);
}
