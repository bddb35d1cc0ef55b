/** Which names a template may read, by where it stands: misspelt ones are found before anything runs. */
import { isObject, type JsonObject, suggest } from '../kernel/index.js';
import { quote } from './problems.js';

/** Where a template stands. */
export type Stand = 'identity' | 'flow' | 'handler' | 'on_error' | 'every';

export interface KnownNames {
  readonly stand: Stand;
  readonly variables: JsonObject;
  /** Names that `wait_for … as` has captured so far. */
  readonly captured: ReadonlySet<string>;
}

export interface NameProblem {
  /** Index of the part that is wrong. */
  readonly index: number;
  readonly message: string;
  readonly suggestion: string | undefined;
}

const ROOTS: Readonly<Record<Stand, readonly string[]>> = {
  identity: ['variables', 'request', 'sequence'],
  flow: ['variables', 'request', 'sequence'],
  handler: ['event', 'variables', 'sequence'],
  on_error: ['event', 'error', 'variables', 'sequence'],
  every: ['variables', 'sequence'],
};
const ALL_ROOTS = ['event', 'error', 'variables', 'request', 'sequence'];
const EVENT_KEYS = ['id', 'type', 'source', 'trace_id', 'timestamp', 'payload'];
const ERROR_KEYS = ['name', 'message'];
/** What Liquid computes for lists and texts. */
const COMPUTED = ['size', 'first', 'last', 'length'];

/** What is wrong with reading `parts`, or nothing. Payloads are not known before the run and not checked. */
export function checkName(parts: readonly string[], known: KnownNames): NameProblem | undefined {
  const [root, second, third] = parts;
  const roots = ROOTS[known.stand];
  if (root === undefined) return undefined;
  if (!roots.includes(root)) return unknownRoot(root, roots, known.stand);
  if (second === undefined) return undefined;
  switch (root) {
    case 'event':
      return among(second, EVENT_KEYS, 1, 'event');
    case 'error':
      return among(second, ERROR_KEYS, 1, 'error');
    case 'variables':
      return inVariables(parts, known.variables);
    case 'request': {
      const own = known.stand === 'identity' ? ['name'] : ['name', 'trace_id', ...known.captured];
      const wrong = among(second, own, 1, 'request');
      if (wrong !== undefined || third === undefined || !known.captured.has(second)) return wrong;
      return among(third, EVENT_KEYS, 2, `request.${second}`);
    }
    default:
      return undefined;
  }
}

const STANDS: Readonly<Record<Stand, string>> = {
  identity: 'before a request starts',
  flow: 'in a request’s flow',
  handler: 'in a handler',
  on_error: 'in on_error',
  every: 'in what a service publishes by itself',
};

function unknownRoot(root: string, roots: readonly string[], stand: Stand): NameProblem {
  const elsewhere = ALL_ROOTS.includes(root);
  const message = elsewhere
    ? `${quote(root)} is not known ${STANDS[stand]}; there is ${roots.join(', ')}`
    : `a template has no ${quote(root)}; there is ${roots.join(', ')}`;
  return { index: 0, message, suggestion: elsewhere ? undefined : suggest(root, roots) };
}

function among(word: string, names: readonly string[], index: number, parent: string): NameProblem | undefined {
  if (names.includes(word)) return undefined;
  const known = names.length === 0 ? '' : `; there is ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}`;
  return { index, message: `${quote(word)} is not in ${parent}${known}`, suggestion: suggest(word, names) };
}

function inVariables(parts: readonly string[], variables: JsonObject): NameProblem | undefined {
  let value: unknown = variables;
  for (const [index, part] of parts.entries()) {
    if (index === 0) continue;
    if (value === null || Array.isArray(value) || COMPUTED.includes(part)) return undefined;
    const parent = parts.slice(0, index).join('.');
    if (!isObject(value))
      return { index, message: `${quote(parent)} is no map; it has no ${quote(part)}`, suggestion: undefined };
    const wrong = among(part, Object.keys(value), index, parent);
    if (wrong !== undefined) return wrong;
    value = value[part];
  }
  return undefined;
}
