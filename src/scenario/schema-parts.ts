/**
 * The small words of the format: durations, shares, event types, names. Each is made anew by a function, because a
 * description belongs to one schema object. Messages are predicates: the key's name is put before them.
 */
import * as z from 'zod/mini';
import { FORBIDDEN_KEYS, formatDuration, parseDuration } from '../kernel/index.js';
import { quote } from './problems.js';

/** Descriptions and examples, for editors and the reference. An `id` makes it a definition of its own. */
export const docs = z.registry<{ id?: string; description?: string; examples?: unknown[]; title?: string }>();

/** Gives `schema` its description, and examples as they would stand in a file. */
export function doc<T extends z.ZodMiniType>(schema: T, description: string, ...examples: unknown[]): T {
  docs.add(schema, examples.length > 0 ? { description, examples } : { description });
  return schema;
}

/** The longest duration: a year. */
export const MAX_DURATION_MS = 365 * 86_400_000;
export const MAX_COUNT = 10_000_000;
/** Requests a second. */
export const MAX_RATE = 100_000;
/** Characters of a title. */
export const MAX_TEXT = 200;
/** Of names and event types. */
const MAX_NAME = 100;
const MAX_EVENT_TYPE = 200;

const DURATION = /^(?:0|(?:\d+(?:\.\d+)?(?:us|ms|s|m|h|d))+)$/;
const PERCENT = /^(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%$/;
const EVENT_TYPE = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;
const EVENT_PATTERN = /^(?:\*\*?|[A-Za-z0-9_-]+)(?:\.(?:\*\*?|[A-Za-z0-9_-]+))*$/;
const NAME = /^[A-Za-z0-9_-]+$/;
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** A duration with its unit, as milliseconds. */
export function duration(least: 'zero' | 'more' = 'zero') {
  const text = z.string({ error: durationMessage }).check(z.regex(DURATION, { error: durationMessage }));
  return z.pipe(
    text,
    z.transform((written: string, context) => {
      const ms = parseDuration(written) ?? Number.NaN;
      if (least === 'more' && !(ms > 0)) context.issues.push(custom(written, 'must be longer than 0'));
      if (ms > MAX_DURATION_MS) context.issues.push(custom(written, 'must be at most 365 days'));
      return ms;
    }),
  );
}

function custom(input: unknown, message: string): { code: 'custom'; input: unknown; message: string } {
  return { code: 'custom', input, message };
}

function durationMessage(issue: { readonly input?: unknown }): string | undefined {
  const { input } = issue;
  if (typeof input === 'number') {
    return `needs a unit: write \`${input < 0 ? '80ms' : `${input}ms`}\`, or with us, s, m, h or d`;
  }
  if (typeof input === 'string' && input !== '')
    return `must be a duration such as \`80ms\`, \`2s\` or \`1m30s\`, not ${quote(input)}`;
  return undefined;
}

/** A share: 0 to 1, or a percentage; as 0 to 1. */
export function share() {
  const error = shareMessage;
  const number = z.number().check(z.gte(0, { error }), z.lte(1, { error }));
  const percentage = z.string().check(z.regex(PERCENT, { error }));
  return z.pipe(
    z.union([number, percentage], { error }),
    z.transform((written: number | string) =>
      typeof written === 'number' ? written : Number(written.slice(0, -1)) / 100,
    ),
  );
}

function shareMessage(issue: { readonly input?: unknown }): string | undefined {
  const { input } = issue;
  if (input === undefined || input === null) return undefined;
  const hint =
    typeof input === 'number' && input > 1 && input <= 100 ? `; for ${input} percent write \`${input}%\`` : '';
  return `must be a percentage such as \`5%\`, or 0 to 1, not ${quote(input)}${hint}`;
}

/** An event type; never a pattern. */
export function eventType() {
  return z.string().check(z.regex(EVENT_TYPE, { error: typeMessage }), z.maxLength(MAX_EVENT_TYPE));
}

function typeMessage(issue: { readonly input?: unknown }): string {
  const { input } = issue;
  if (typeof input === 'string' && input.includes('*'))
    return `must be one event type, not the pattern ${quote(input)}`;
  return `must be an event type such as \`index.started\` (letters, digits, _ and -, joined by dots), not ${quote(input)}`;
}

/** An event type or a pattern: `*` is one segment, `**` any number. */
export function eventPattern() {
  const message = (issue: { readonly input?: unknown }) =>
    `must be an event type such as \`index.started\`, or a pattern such as \`index.*\`, not ${quote(issue.input)}`;
  return z.string().check(z.regex(EVENT_PATTERN, { error: message }), z.maxLength(MAX_EVENT_TYPE));
}

/** A name of a service, handler or request. */
export function name() {
  const error = 'must be made of letters, digits, _ and -';
  return z.string().check(z.regex(NAME, { error }), z.maxLength(MAX_NAME), notForbidden());
}

/** A name that templates can use. */
export function variableName() {
  const error = 'must start with a letter or _, and go on with letters, digits, _ and -';
  return z.string().check(z.regex(VARIABLE, { error }), z.maxLength(MAX_NAME), notForbidden());
}

/** As keys, these reach into an object's prototype. */
function notForbidden() {
  return z.refine((written) => !FORBIDDEN_KEYS.has(String(written)), {
    error: 'cannot be `__proto__`, `constructor` or `prototype`',
  });
}

export function wholeNumber(least: number, most: number) {
  return z.int().check(z.gte(least), z.lte(most));
}

/** One of something that is no list, or a list of it; as a list. */
export function oneOrMany<Out, In>(one: z.ZodMiniType<Out, In>) {
  const single = z.pipe(
    one,
    z.transform((written: Out): Out[] => [written]),
  );
  return z.union([single, z.array(one).check(z.minLength(1))]);
}

/** `formatDuration`, without the spaces that the format does not take. */
export function writeDuration(ms: number): string {
  return formatDuration(ms).replace(' ', '');
}

/** A condition. */
export const condition = () =>
  doc(
    z.string().check(z.minLength(1)),
    'A Liquid condition; a missing payload key is nil.',
    'event.payload.total_tokens > 0',
  );

/** A payload with templates. */
export const payload = () =>
  doc(
    z.record(z.string(), z.unknown()),
    'Any JSON object; texts may be Liquid templates, and one that is a single {{ … }} keeps its type. Left out: {}.',
    { repo_path: '{{ event.payload.repo_path }}', files_indexed: 150 },
  );
