/** Templates: compiled once, fast to fill in. What holds no template at all is one frozen value, shared by all uses. */
import { CfBusError, isObject, type JsonObject, type JsonValue, safe, suggest } from '../kernel/index.js';
import { type Path, parseCondition, parsePath, parseText, readPath } from './expression.js';
import { compileLiquid, failureOf, isTrue, type LiquidTemplate, type Reference, type Use } from './liquid.js';
import { quote, showPosition } from './problems.js';
import type { Condition, Position, Template, TemplateScope } from './types.js';

/** Why a template cannot be compiled, and at which offset. */
export interface Refusal {
  readonly message: string;
  readonly start: number;
  readonly suggestion?: string | undefined;
}

/** Where a template stands, and who is told what its compilation finds. */
export interface TemplateHost {
  /** Of the text at `path` inside the compiled value. */
  position(path: readonly (string | number)[]): Position;
  /** Names that the template at `path` reads. */
  reads(references: readonly Reference[], path: readonly (string | number)[]): void;
  /** The template at `path` cannot be compiled; without this, that is thrown. */
  refused?(refusal: Refusal, path: readonly (string | number)[]): void;
}

const NOWHERE: TemplateHost = { position: () => ({ file: 'template', line: 1, column: 1 }), reads: () => {} };

/** Templates start with one of these. */
const MARK = /\{\{|\{%/;
const SINGLE = /^\{\{(?:(?!\}\}|\{\{|\{%).)*\}\}$/s;
type At = readonly (string | number)[];

/**
 * Compiles any JSON value whose texts may be Liquid templates. A text that is one single `{{ … }}` gives a value of
 * any type, any other text gives text. A value without templates is frozen and given as it is.
 * @throws CfBusError `TEMPLATE_FAILED` for a template that is no Liquid, unless `host` takes it.
 */
export function compileTemplate(value: JsonValue, host: TemplateHost = NOWHERE): Template<JsonValue> {
  const constant = deepFreeze(value);
  return compileValue(value, host, []) ?? (() => constant);
}

/** Like `compileTemplate`, for a payload. */
export function compilePayload(value: JsonObject, host: TemplateHost = NOWHERE): Template<JsonObject> {
  const constant = deepFreeze(value);
  return compileObject(value, host, []) ?? (() => constant);
}

/** Compiles a template whose result is always text. */
export function compileText(text: string, host: TemplateHost = NOWHERE): Template<string> {
  return compileString(text, host, []) ?? (() => text);
}

/**
 * Compiles a Liquid condition, with or without `{{ }}` around it.
 * @throws CfBusError `TEMPLATE_FAILED` for one that is no Liquid, unless `host` takes it.
 */
export function compileCondition(text: string, host: TemplateHost = NOWHERE): Condition {
  const whole = text.trim();
  const shift = SINGLE.test(whole) ? text.indexOf('{{') + 2 : 0;
  const expression = shift > 0 ? whole.slice(2, -2) : text;
  const moved = shift === 0 ? host : shiftHost(host, shift);
  const quick = parseCondition(expression);
  let liquid: LiquidTemplate | undefined;
  const slowly = (scope: TemplateScope): boolean => {
    liquid ??= compileLiquid(expression, 'condition');
    return isTrue(renderLiquid(liquid, { text, use: 'condition', position: host.position([]) }, scope));
  };
  if (quick !== undefined) {
    moved.reads(quick.references, []);
    return (scope) => quick.test(scope) ?? slowly(scope);
  }
  if (MARK.test(expression) || expression.includes('}}')) {
    refuse(moved, { message: 'a condition is an expression such as `event.payload.total_tokens > 0`', start: 0 }, []);
    return () => false;
  }
  liquid = tryCompile(expression, 'condition', moved, []);
  return liquid === undefined ? () => false : slowly;
}

function shiftHost(host: TemplateHost, shift: number): TemplateHost {
  const { refused } = host;
  return {
    position: host.position,
    reads: (references, path) =>
      host.reads(
        references.map(({ parts, start }) => ({ parts, start: start + shift })),
        path,
      ),
    ...(refused === undefined
      ? {}
      : { refused: (refusal, path) => refused({ ...refusal, start: refusal.start + shift }, path) }),
  };
}

/** `undefined` for a value without templates. */
function compileValue(value: JsonValue, host: TemplateHost, path: At): Template<JsonValue> | undefined {
  if (typeof value === 'string')
    return SINGLE.test(value) ? compileSingle(value, host, path) : compileString(value, host, path);
  if (Array.isArray(value)) return compileList(value, host, path);
  return isObject(value) ? compileObject(value, host, path) : undefined;
}

function compileList(list: readonly JsonValue[], host: TemplateHost, path: At): Template<JsonValue> | undefined {
  const parts = list.map((item, index) => compileValue(item, host, [...path, index]));
  if (parts.every((part) => part === undefined)) return undefined;
  const fills = list.map((item, index) => parts[index] ?? (() => item));
  return (scope) => fills.map((fill) => fill(scope));
}

function compileObject(object: JsonObject, host: TemplateHost, path: At): Template<JsonObject> | undefined {
  const fills: { readonly key: string; readonly fill: Template<JsonValue> }[] = [];
  for (const [key, value] of Object.entries(object)) {
    const fill = compileValue(value, host, [...path, key]);
    if (fill !== undefined) fills.push({ key, fill });
  }
  if (fills.length === 0) return undefined;
  // A copy with all keys in place keeps their order and is made in one step; copying a frozen object takes longer.
  const shape = { ...object };
  return (scope) => {
    const filled: Record<string, JsonValue> = { ...shape };
    for (const { key, fill } of fills) filled[key] = fill(scope);
    return filled;
  };
}

interface Origin {
  readonly text: string;
  readonly use: Use;
  readonly position: Position;
}

function compileSingle(text: string, host: TemplateHost, at: At): Template<JsonValue> {
  const origin: Origin = { text, use: 'value', position: host.position(at) };
  const inner = text.slice(2, -2);
  const path = parsePath(inner.trim());
  if (path === undefined) return compileWithLiquid(origin, host, at, asJson);
  host.reads([{ parts: path.parts, start: 2 + inner.length - inner.trimStart().length }], at);
  return (scope) => asJson(readStrictly(scope, path, origin), origin);
}

function compileString(text: string, host: TemplateHost, at: At): Template<string> | undefined {
  if (!MARK.test(text)) return undefined;
  const origin: Origin = { text, use: 'text', position: host.position(at) };
  const quick = parseText(text);
  if (quick === undefined) return compileWithLiquid(origin, host, at, asText);
  host.reads(quick.references, at);
  const { parts } = quick;
  return (scope) => {
    let filled = '';
    for (const part of parts) filled += typeof part === 'string' ? part : asText(readStrictly(scope, part, origin));
    return filled;
  };
}

function compileWithLiquid<T extends JsonValue>(
  origin: Origin,
  host: TemplateHost,
  at: At,
  convert: (value: unknown, origin: Origin) => T,
): Template<T> {
  const liquid = tryCompile(origin.text, origin.use, host, at);
  if (liquid === undefined) return () => convert('', origin);
  return (scope) => convert(renderLiquid(liquid, origin, scope), origin);
}

function tryCompile(text: string, use: Use, host: TemplateHost, at: At): LiquidTemplate | undefined {
  try {
    const liquid = compileLiquid(text, use);
    host.reads(liquid.references, at);
    return liquid;
  } catch (error) {
    const { message, start, suggestion } = failureOf(error, text, use);
    const what = use === 'condition' ? 'condition' : 'template';
    refuse(host, { message: `not a Liquid ${what}: ${message}`, start, suggestion }, at);
    return undefined;
  }
}

function refuse(host: TemplateHost, refusal: Refusal, at: At): void {
  if (host.refused === undefined) {
    throw new CfBusError('TEMPLATE_FAILED', `${showPosition(host.position(at))}: ${safe(refusal.message)}`);
  }
  host.refused(refusal, at);
}

function renderLiquid(liquid: LiquidTemplate, origin: Origin, scope: TemplateScope): unknown {
  try {
    return liquid.render(scope);
  } catch (error) {
    const failure = failureOf(error, origin.text, origin.use);
    if (failure.missing !== undefined) throw missingName(failure.missing, scope, origin);
    throw templateFailed(origin, failure.message, undefined);
  }
}

function readStrictly(scope: TemplateScope, path: Path, origin: Origin): unknown {
  const value = readPath(scope, path);
  if (value === undefined) throw missingName(path.parts, scope, origin);
  return value;
}

function missingName(parts: readonly string[], scope: object, origin: Origin): CfBusError {
  let parent: unknown = scope;
  for (const [index, part] of parts.entries()) {
    const value = isObject(parent) && Object.hasOwn(parent, part) ? parent[part] : undefined;
    if (value !== undefined) {
      parent = value;
      continue;
    }
    const names = isObject(parent) ? Object.keys(parent) : [];
    const where = index === 0 ? 'here' : `in ${parts.slice(0, index).join('.')}`;
    const known =
      names.length === 0 ? '' : `; there is ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
    return templateFailed(origin, `${quote(part)} is not ${where}${known}`, suggest(part, names));
  }
  return templateFailed(origin, `${quote(parts.join('.'))} is missing`, undefined);
}

function templateFailed(origin: Origin, message: string, suggestion: string | undefined): CfBusError {
  const what = `${showPosition(origin.position)}: template ${quote(origin.text)}: ${message}`;
  return new CfBusError(
    'TEMPLATE_FAILED',
    safe(what),
    suggestion === undefined ? {} : { hint: `did you mean \`${safe(suggestion)}\`?` },
  );
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function asJson(value: unknown, origin: Origin): JsonValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return value;
    throw templateFailed(origin, `gives ${value}, which JSON cannot hold`, undefined);
  }
  if (isJsonTree(value)) return value;
  throw templateFailed(origin, `gives a ${typeof value}, which JSON cannot hold`, undefined);
}

/** Values of a scope are JSON already; Liquid adds its own only for words such as `forloop`. */
function isJsonTree(value: unknown): value is JsonValue {
  if (Array.isArray(value)) return true;
  if (!isObject(value)) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function deepFreeze<T extends JsonValue>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const child of Object.values(value)) deepFreeze(child);
  return Object.freeze(value);
}
