/**
 * YAML 1.2 → plain values and the place each came from.
 *
 * The library's own `parseDocument` is not enough: deeply nested text makes it run out of stack or memory, and a
 * megabyte of mistakes takes it many seconds. So its three stages run here one by one, each with a bound.
 */
import {
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  type ParsedNode,
  Parser,
  type YAMLError,
} from 'yaml';
import { FORBIDDEN_KEYS, type JsonValue } from '../kernel/index.js';
import { Place } from './place.js';
import { type Problems, quote } from './problems.js';

/** Levels of maps and lists in a file. */
export const MAX_DEPTH = 100;
/** Keys of one map. */
export const MAX_KEYS = 2_000;
/** Keys of the one map that may be larger: `services`. */
export const MAX_SERVICES = 20_000;
/** Marks, words and spaces of a file, as the YAML lexer counts them: some ten thousand services. */
const MAX_LEXEMES = 500_000;
/** Mistakes after which reading on helps nobody. */
const MAX_PARSE_ERRORS = 20;
const DIVIDERS = /\r?\n/;

const OPTIONS = {
  version: '1.2',
  schema: 'core',
  merge: false,
  stringKeys: true,
  // Checked here instead: the library compares every key with every other.
  uniqueKeys: false,
  resolveKnownTags: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

export interface PlainYaml {
  readonly value: JsonValue;
  readonly place: Place;
}

/** Reads one YAML document; what is wrong goes to `problems`, and then the result is `undefined`. */
export function readYaml(text: string, problems: Problems): PlainYaml | undefined {
  const document = parse(text, problems);
  if (document === undefined || problems.any) return undefined;
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) {
    problems.add({ start: 0, end: 0 }, 'the scenario is empty; `cf-bus init` writes one to start from');
    return undefined;
  }
  const value = new Converter(problems).value(contents, []);
  return problems.any ? undefined : { value, place: Place.root(contents, text) };
}

type YamlDocument = Document.Parsed<ParsedNode>;

function parse(text: string, problems: Problems): YamlDocument | undefined {
  // Each of the library's errors would record a stack, which costs far more than the parsing.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    const document = compose(text, problems);
    if (document !== undefined) reportYamlErrors(document, problems);
    return document;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function compose(text: string, problems: Problems): YamlDocument | undefined {
  const composer = new Composer(OPTIONS);
  const parser = new Parser();
  const documents: YamlDocument[] = [];
  let lexemes = 0;
  let errors = 0;
  const refuse = (message: string): undefined => {
    problems.add({ start: Math.min(parser.offset, text.length), end: parser.offset + 1 }, message);
  };
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > MAX_LEXEMES) return refuse('the file holds too much YAML: split the scenario');
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error' || token.type === 'directive') errors++;
      documents.push(...composer.next(token));
    }
    // A level takes one entry of the parser's stack; document and scalar take two more.
    if (parser.stack.length > MAX_DEPTH + 2) return refuse(`nested deeper than ${MAX_DEPTH} levels`);
    if (documents.length > 1 || errors > MAX_PARSE_ERRORS) break;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end(true, text.length));
  const second = documents[1];
  if (second !== undefined && documents[0]?.errors.length === 0) {
    const start = text.lastIndexOf('---', second.range[0]);
    problems.add(
      { start: Math.max(0, start), end: start + 3 },
      'a second YAML document starts here; a scenario is one document',
    );
    return undefined;
  }
  return documents[0];
}

function reportYamlErrors(document: YamlDocument, problems: Problems): void {
  const { version, explicit } = document.directives?.yaml ?? { version: '1.2' };
  if (explicit === true && version !== '1.2') {
    problems.add({ start: 0, end: 5 }, `scenarios are YAML 1.2; remove the directive for YAML ${version}`);
  }
  const { errors, warnings } = document;
  for (const error of [...errors.slice(0, MAX_PARSE_ERRORS + 1), ...warnings.slice(0, MAX_PARSE_ERRORS + 1)]) {
    const [start, end] = error.pos;
    problems.add({ start, end: Math.max(start + 1, end) }, wording(error));
  }
}

function wording(error: YAMLError): string {
  const first = error.message.split(DIVIDERS)[0] ?? '';
  switch (error.code) {
    case 'TAB_AS_INDENT':
      return 'a tab cannot indent YAML; use spaces';
    case 'TAG_RESOLVE_FAILED':
      return `YAML tags are not used in scenarios: ${first.replace(/^Unresolved tag: /, '')}`;
    case 'NON_STRING_KEY':
      return 'a key is a plain word';
    case 'BAD_ALIAS':
      return 'aliases are not used in scenarios; write the value out';
    default:
      return `not YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
  }
}

type Path = readonly (string | number)[];

class Converter {
  readonly #problems: Problems;

  constructor(problems: Problems) {
    this.#problems = problems;
  }

  value(node: ParsedNode | null, path: Path): JsonValue {
    if (node === null) return null;
    if (isAlias(node)) return this.#refuse(node, 'aliases (`*name`) are not used in scenarios; write the value out');
    if (node.anchor !== undefined) this.#refuse(node, 'anchors (`&name`) are not used in scenarios; write values out');
    if (isMap(node)) return this.#map(node, path);
    if (isSeq(node)) return node.items.map((item, index) => this.value(item, [...path, index]));
    return this.#scalar(node);
  }

  #scalar(node: ParsedNode): JsonValue {
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number') {
      if (!Number.isFinite(value))
        return this.#refuse(node, `${quote(sourceOf(node))} is no number that JSON can hold`);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
        return this.#refuse(node, 'a number this large would lose digits; put it in quotes');
      }
      return value;
    }
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
    return this.#refuse(node, 'this value is not text, a number, true, false, null, a list or a map');
  }

  #map(node: ParsedNode & { items: { key: ParsedNode; value: ParsedNode | null }[] }, path: Path): JsonValue {
    const limit = path.length === 1 && path[0] === 'services' ? MAX_SERVICES : MAX_KEYS;
    if (node.items.length > limit)
      return this.#refuse(node, `a map has at most ${limit} keys, not ${node.items.length}`);
    const result: Record<string, JsonValue> = {};
    const seen = new Map<string, ParsedNode>();
    for (const { key, value } of node.items) {
      if (!isScalar(key) || typeof key.value !== 'string') {
        this.#refuse(key ?? node, 'a key is a plain word');
        continue;
      }
      const name = key.value;
      if (key.anchor !== undefined) this.#refuse(key, 'anchors (`&name`) are not used in scenarios; write values out');
      const twin = seen.get(name);
      if (twin !== undefined) {
        const { line } = this.#problems.source.position(twin.range[0]);
        this.#refuse(key, `${quote(name)} is already set on line ${line}`);
      } else if (FORBIDDEN_KEYS.has(name)) {
        this.#refuse(key, `${quote(name)} cannot be a key`);
      } else if (name === '<<') {
        this.#refuse(key, 'merge keys (`<<`) are not used in scenarios; write the keys out');
      } else {
        seen.set(name, key);
        result[name] = this.value(value, [...path, name]);
      }
    }
    return result;
  }

  #refuse(node: ParsedNode, message: string): null {
    const [start, end] = node.range;
    this.#problems.add({ start, end: Math.max(start + 1, end) }, message);
    return null;
  }
}

function sourceOf(node: ParsedNode): string {
  return isScalar(node) ? (node.source ?? '') : '';
}
