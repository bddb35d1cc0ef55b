/**
 * The common templates without Liquid: a text with plain names in it, and conditions that compare names with
 * literals. They mean what Liquid makes of them (a property test holds them to it) and take a tenth of the time.
 */
import { isObject } from '../kernel/index.js';
import type { Reference } from './liquid.js';

/** A name that is read straight from the scope. */
export interface Path {
  readonly parts: readonly string[];
}

export type TextPart = string | Path;

const WORD = '[A-Za-z_][A-Za-z0-9_-]*';
const NAME = new RegExp(`^${WORD}(?:\\.${WORD})*$`);
/** Words that Liquid gives a meaning of their own. */
const LITERALS = new Set(['true', 'false', 'nil', 'null', 'empty', 'blank', 'and', 'or', 'not', 'contains']);
const COMPUTED = new Set(['size', 'first', 'last', 'length']);

/** `text` as a path, or `undefined` where only Liquid knows what it means. */
export function parsePath(text: string): Path | undefined {
  if (!NAME.test(text)) return undefined;
  const parts = text.split('.');
  const first = parts[0] ?? '';
  if (LITERALS.has(first) || parts.some((part) => COMPUTED.has(part))) return undefined;
  return { parts };
}

/** The value at `path`; `undefined` where a part is missing, `null` below a `null`, as in Liquid. */
export function readPath(scope: object, path: Path): unknown {
  let value: unknown = scope;
  for (const part of path.parts) {
    if (value === null) return null;
    if (!isObject(value) || !Object.hasOwn(value, part)) return undefined;
    value = value[part];
  }
  return value;
}

/** The parts of a text whose outputs are all plain names, with where each stands; `undefined` for anything else. */
export function parseText(
  text: string,
): { readonly parts: readonly TextPart[]; readonly references: readonly Reference[] } | undefined {
  if (text.includes('{%')) return undefined;
  const parts: TextPart[] = [];
  const references: Reference[] = [];
  let at = 0;
  for (;;) {
    const open = text.indexOf('{{', at);
    if (open === -1) break;
    const close = text.indexOf('}}', open + 2);
    if (close === -1) return undefined;
    const inner = text.slice(open + 2, close);
    const path = parsePath(inner.trim());
    if (path === undefined) return undefined;
    if (open > at) parts.push(text.slice(at, open));
    parts.push(path);
    references.push({ parts: path.parts, start: open + 2 + (inner.length - inner.trimStart().length) });
    at = close + 2;
  }
  if (at < text.length) parts.push(text.slice(at));
  return { parts, references };
}

type Operator = '==' | '!=' | '>' | '<' | '>=' | '<=' | 'contains';
type Literal = string | number | boolean;

interface Comparison {
  readonly left: Path;
  readonly operator: Operator;
  readonly right: Literal | Path;
}

type Term = Path | Comparison;

/** Asked for a scope: the answer, or `undefined` where lists or maps are compared, which is left to Liquid. */
export type QuickCondition = (scope: object) => boolean | undefined;

const TOKEN = new RegExp(
  `\\s*(?:(${WORD}(?:\\.${WORD})*)|(-?\\d+(?:\\.\\d+)?)(?![\\w.])|"([^"\\\\]*)"|'([^'\\\\]*)'|(==|!=|>=|<=|>|<))`,
  'y',
);

interface Token {
  readonly kind: 'word' | 'literal' | 'operator';
  readonly value: Literal;
  readonly start: number;
}

/** A condition of names and comparisons joined by `and` alone or by `or` alone; `undefined` for anything else. */
export function parseCondition(
  text: string,
): { readonly test: QuickCondition; readonly references: readonly Reference[] } | undefined {
  const tokens = tokenize(text);
  if (tokens === undefined) return undefined;
  const terms: Term[] = [];
  const references: Reference[] = [];
  let joint: 'and' | 'or' | undefined;
  let at = 0;
  for (;;) {
    const term = readTerm(tokens, at, references);
    if (term === undefined) return undefined;
    terms.push(term.term);
    at = term.next;
    const next = tokens[at++];
    if (next === undefined) break;
    if (next.kind !== 'word' || (next.value !== 'and' && next.value !== 'or')) return undefined;
    if (joint !== undefined && joint !== next.value) return undefined;
    joint = next.value;
  }
  return { test: joinTerms(terms, joint === 'or'), references };
}

function tokenize(text: string): readonly Token[] | undefined {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const match = TOKEN.exec(text);
    if (match === null) return undefined;
    const [whole, word, number, double, single, operator] = match;
    const start = match.index + (whole.length - whole.trimStart().length);
    const quoted = double ?? single;
    if (word !== undefined) tokens.push({ kind: 'word', value: word, start });
    else if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number), start });
    else if (quoted !== undefined) tokens.push({ kind: 'literal', value: quoted, start });
    else tokens.push({ kind: 'operator', value: operator ?? '', start });
  }
  return tokens;
}

function readTerm(
  tokens: readonly Token[],
  at: number,
  references: Reference[],
): { readonly term: Term; readonly next: number } | undefined {
  const left = readName(tokens[at], references);
  if (left === undefined) return undefined;
  const operator = operatorOf(tokens[at + 1]);
  if (operator === undefined) return { term: left, next: at + 1 };
  const token = tokens[at + 2];
  if (token === undefined) return undefined;
  const right = literalOf(token) ?? readName(token, references);
  return right === undefined ? undefined : { term: { left, operator, right }, next: at + 3 };
}

function readName(token: Token | undefined, references: Reference[]): Path | undefined {
  if (token?.kind !== 'word' || typeof token.value !== 'string') return undefined;
  const path = parsePath(token.value);
  if (path !== undefined) references.push({ parts: path.parts, start: token.start });
  return path;
}

function literalOf(token: Token): Literal | undefined {
  if (token.kind === 'literal') return token.value;
  if (token.kind === 'word' && (token.value === 'true' || token.value === 'false')) return token.value === 'true';
  return undefined;
}

function operatorOf(token: Token | undefined): Operator | undefined {
  switch (token?.value) {
    case '==':
    case '!=':
    case '>':
    case '<':
    case '>=':
    case '<=':
      return token.kind === 'operator' ? token.value : undefined;
    case 'contains':
      return token.kind === 'word' ? token.value : undefined;
    default:
      return undefined;
  }
}

function joinTerms(terms: readonly Term[], any: boolean): QuickCondition {
  const tests = terms.map(testOf);
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return (scope) => {
    let result = !any;
    // All are asked, as Liquid does: one that is left to Liquid leaves the whole to it.
    for (const test of tests) {
      const answer = test(scope);
      if (answer === undefined) return undefined;
      result = any ? result || answer : result && answer;
    }
    return result;
  };
}

function testOf(term: Term): QuickCondition {
  if (!('operator' in term)) {
    return (scope) => {
      const value = readPath(scope, term);
      return value !== undefined && value !== null && value !== false;
    };
  }
  const { left, operator, right } = term;
  if (typeof right !== 'object') return (scope) => compare(readPath(scope, left), operator, right);
  return (scope) => compare(readPath(scope, left), operator, readPath(scope, right));
}

function compare(left: unknown, operator: Operator, right: unknown): boolean | undefined {
  if ((typeof left === 'object' && left !== null) || (typeof right === 'object' && right !== null)) return undefined;
  switch (operator) {
    case '==':
      return left === right;
    case '!=':
      return left !== right;
    case 'contains':
      return typeof left === 'string' ? left.includes(String(right)) : false;
    default:
      return order(left, operator, right);
  }
}

function order(left: unknown, operator: '>' | '<' | '>=' | '<=', right: unknown): boolean | undefined {
  if (typeof left === 'number' && typeof right === 'number') return inOrder(left, operator, right);
  if (typeof left === 'string' && typeof right === 'string') return inOrder(left, operator, right);
  if (left === undefined || right === undefined) return false;
  // Text against a number, true against a text: Liquid's affair.
  return undefined;
}

function inOrder<T extends string | number>(left: T, operator: '>' | '<' | '>=' | '<=', right: T): boolean {
  if (operator === '>') return left > right;
  if (operator === '<') return left < right;
  return operator === '>=' ? left >= right : left <= right;
}
