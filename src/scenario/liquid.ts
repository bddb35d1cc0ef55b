/**
 * Liquid, cut down to what a simulation may do: own properties only, no files, no time of day, no randomness, bounded.
 * The same template gives the same text on every machine.
 */
import { Liquid, Output, type StaticAnalysis, type Template, TypeGuards, type Variable } from 'liquidjs';
import { suggest } from '../kernel/index.js';

/** Characters of one template. */
const PARSE_LIMIT = 64 * 1024;
/** Items and characters that one rendering may make. */
const MEMORY_LIMIT = 1_000_000;
/** Milliseconds of one rendering; only a runaway loop takes this long. */
const RENDER_LIMIT = 1_000;

/** Tags that reach for files, or that write into what templates share. */
const REFUSED_TAGS = ['include', 'render', 'layout', 'block', 'increment', 'decrement', 'tablerow'];
const DATE_FILTERS = ['date', 'date_to_xmlschema', 'date_to_rfc822', 'date_to_string', 'date_to_long_string'];
/** A date that means the same in every time zone. */
const FIXED_DATE = /^(?:\d+|\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| ?[+-]\d\d:?\d\d))?)$/;

/** A condition is compiled as an output: this many characters come before it. */
const CONDITION_OPEN = '{{ '.length;

/** How a template's result is used. */
export type Use = 'text' | 'value' | 'condition';

/** A name that a template reads: its parts as far as they are fixed, and where it stands in the template. */
export interface Reference {
  readonly parts: readonly string[];
  readonly start: number;
}

export interface LiquidTemplate {
  readonly references: readonly Reference[];
  /** @throws what Liquid throws; `failureOf` reads it. */
  render(scope: object): unknown;
}

/** Why Liquid refused a template, or failed to render one. */
export interface LiquidFailure {
  readonly message: string;
  /** Offset in the template. */
  readonly start: number;
  /** The name that is missing, if that is why. */
  readonly missing: readonly string[] | undefined;
  readonly suggestion: string | undefined;
}

let engines: Record<'text' | 'value', Liquid> | undefined;

function engineFor(use: Use): Liquid {
  engines ??= { text: createEngine(false), value: createEngine(true) };
  return use === 'text' ? engines.text : engines.value;
}

function createEngine(keepOutputType: boolean): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictVariables: true,
    strictFilters: true,
    // `default` and `if` are how a template says that a key may be missing.
    lenientIf: true,
    keepOutputType,
    timezoneOffset: 0,
    locale: 'en-US',
    parseLimit: PARSE_LIMIT,
    memoryLimit: MEMORY_LIMIT,
    renderLimit: RENDER_LIMIT,
    templates: {},
    ...(keepOutputType ? {} : { outputEscape: writeInText }),
  });
  for (const tag of REFUSED_TAGS) delete engine.tags[tag];
  delete engine.filters.sample;
  for (const name of DATE_FILTERS) fixDates(engine, name);
  return engine;
}

/** Lists and maps inside a text are written as JSON; Liquid's own `[object Object]` helps nobody. */
function writeInText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return String(value);
  const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
  return plain ? JSON.stringify(value) : String(value.valueOf());
}

function fixDates(engine: Liquid, name: string): void {
  const original = engine.filters[name];
  if (typeof original !== 'function') return;
  engine.registerFilter(name, function (this: ThisParameterType<typeof original>, value: unknown, ...rest: unknown[]) {
    if (typeof value === 'string' && !FIXED_DATE.test(value)) {
      throw new Error(`\`${name}\` needs a fixed date such as 2026-01-31 or 2026-01-31T10:30:00Z, not "${value}"`);
    }
    return original.call(this, value, ...rest);
  });
}

/**
 * Compiles `text`; for a condition, the expression alone.
 * @throws what Liquid throws; `failureOf` reads it.
 */
export function compileLiquid(text: string, use: Use): LiquidTemplate {
  const engine = engineFor(use);
  const templates = engine.parse(use === 'condition' ? `{{ ${text} }}` : text);
  checkOutputs(templates);
  const shift = use === 'condition' ? CONDITION_OPEN : 0;
  const references = referencesOf(engine.analyzeSync(templates, { partials: false }), text, shift);
  const options = { strictVariables: use !== 'condition' };
  return { references, render: (scope) => engine.renderSync(templates, scope, options) };
}

/** Liquid takes the first word of `{{ a b }}` and leaves the rest; here that is a mistake. */
function checkOutputs(templates: readonly Template[]): void {
  for (const template of templates) {
    if (!(template instanceof Output)) continue;
    let operands = 0;
    for (const token of template.value.initial.postfix) {
      const taken = TypeGuards.isOperatorToken(token) ? (token.operator === 'not' ? 1 : 2) : 0;
      if (operands < taken) throw new Error('an operator lacks a value');
      operands += 1 - taken;
    }
    if (operands > 1) throw new Error('two values stand side by side');
  }
}

function referencesOf(analysis: StaticAnalysis, text: string, shift: number): readonly Reference[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return Object.values(analysis.globals)
    .flat()
    .map((variable) => {
      const { row, col } = variable.location;
      return {
        parts: fixedParts(variable),
        start: Math.max(0, (starts[row - 1] ?? 0) + col - 1 - (row === 1 ? shift : 0)),
      };
    });
}

function fixedParts(variable: Variable): readonly string[] {
  const parts: string[] = [];
  for (const segment of variable.segments) {
    if (typeof segment === 'object') break;
    parts.push(String(segment));
  }
  return parts;
}

/** True for the result of a condition that counts as true: all but `false` and nil. */
export function isTrue(value: unknown): boolean {
  return value !== false && value !== undefined && value !== null;
}

/** What `thrown` says about `text`, in plain words. */
export function failureOf(thrown: unknown, text: string, use: Use): LiquidFailure {
  if (!(thrown instanceof Error))
    return { message: String(thrown), start: 0, missing: undefined, suggestion: undefined };
  const message = thrown.message
    .split('\n', 1)
    .join('')
    .replace(/, line:\d+, col:\d+$/, '');
  const begin =
    'token' in thrown && typeof thrown.token === 'object' && thrown.token !== null ? beginOf(thrown.token) : 0;
  const start = Math.max(0, begin - (use === 'condition' ? CONDITION_OPEN : 0));
  const missing = /^undefined variable: (.+)$/.exec(message)?.[1]?.split('.');
  const filter = /^undefined filter: (\S+)$/.exec(message)?.[1];
  if (filter !== undefined)
    return { ...unknownFilter(filter), start: Math.max(0, text.indexOf(filter, start)), missing };
  const tag = /^tag "(\S+)" not found$/.exec(message)?.[1];
  if (tag !== undefined)
    return { message: `there is no tag \`${tag}\` in scenarios`, start, missing, suggestion: undefined };
  const hint = use === 'condition' ? foreignOperator(text) : undefined;
  return { message: hint ?? message, start, missing, suggestion: undefined };
}

function unknownFilter(name: string): { readonly message: string; readonly suggestion: string | undefined } {
  if (name === 'sample')
    return { message: 'the filter `sample` draws at random, so runs would differ', suggestion: undefined };
  return {
    message: `there is no filter \`${name}\``,
    suggestion: suggest(name, Object.keys(engineFor('text').filters)),
  };
}

/** Operators of other languages, and what Liquid has for them. */
function foreignOperator(text: string): string | undefined {
  if (text.includes('&&')) return 'write `and` for `&&`';
  if (text.includes('||')) return 'write `or` for `||`';
  if (text.includes('===') || /(?:^|[^=!<>])=(?:[^=]|$)/.test(text)) return 'compare with `==`';
  return /!(?!=)/.test(text) ? 'write `not` for `!`' : undefined;
}

function beginOf(token: object): number {
  return 'begin' in token && typeof token.begin === 'number' ? token.begin : 0;
}
