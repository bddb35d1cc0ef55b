/** Scenario files with traps of YAML and of text encodings. */
import { join } from 'node:path';
import { bytes, type Expectation, type FileCase, kinds, sparse } from './case.js';

export const BASE = `version: 1
services:
  web:
    handlers:
      serve: { subscribe: page.asked, delay: 1ms, publish: [{ type: page.served }] }
requests:
  - { name: visit, trace_id: "req-{{ sequence }}", flow: [{ publish: { type: page.asked, payload: { a: 1 } } }] }
`;

const MIB = 1 << 20;

/** `BASE` with more keys at its root. */
export function withRoot(...lines: readonly string[]): string {
  return `${BASE}${lines.join('\n')}\n`;
}

function all(expect: Expectation, texts: Readonly<Record<string, string | Uint8Array>>, says?: RegExp): FileCase[] {
  return Object.entries(texts).map(([name, text]) => bytes(name, expect, text, says));
}

function laughs(levels: number): string {
  const lines = ['variables:', '  a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
  for (let n = 1; n <= levels; n++)
    lines.push(
      `  a${n}: &a${n} [${Array(9)
        .fill(`*a${n - 1}`)
        .join(', ')}]`,
    );
  return withRoot(...lines);
}

const ALIASES = all('refused', {
  'an anchor': withRoot('variables: { a: &x 1 }'),
  'an alias': withRoot('variables: { a: &x 1, b: *x }'),
  'an alias to nothing': withRoot('variables: { a: *nobody }'),
  'an alias as a key': withRoot('variables: { &x a: 1, *x : 2 }'),
  'a list in itself': withRoot('variables: { a: &x [*x] }'),
  'a map in itself': withRoot('variables: &x { a: *x }'),
  'the whole file in itself': `&all\n${withRoot('variables: { a: *all }')}`,
  'a billion laughs': laughs(9),
  'a billion billion laughs': laughs(20),
  'laughs of maps': withRoot(
    'variables:',
    ...Array.from({ length: 30 }, (_, n) => `  m${n}: &m${n} { a: *m${n - 1}, b: *m${n - 1} }`),
  ),
  'a merge key': withRoot('variables: { a: &x { b: 1 }, c: { <<: *x } }'),
  'a merge of a list': withRoot('variables: { a: &x { b: 1 }, c: { <<: [*x, *x] } }'),
  'a merge of itself': withRoot('variables: { a: &x { <<: *x } }'),
  'a merge key in quotes': withRoot('variables: { "<<": { a: 1 } }'),
  'ten thousand anchors': withRoot(
    `variables: { a: [${Array.from({ length: 10_000 }, (_, n) => `&a${n} 1`).join(',')}] }`,
  ),
});

const TAGS = all(
  'refused',
  Object.fromEntries(
    [
      '!!js/function "function () { process.exit(9) }"',
      '!!js/undefined ""',
      '!!js/regexp /(a+)+$/',
      '!!python/object/apply:os.system ["touch /tmp/pwned"]',
      '!!python/object/new:os.system [id]',
      '!ruby/object:Gem::Installer { i: x }',
      '!!java.net.URL ["http://127.0.0.1/"]',
      '!!binary AAAA',
      '!!set { a, b }',
      '!!omap [a: 1]',
      '!!pairs [a: 1, a: 2]',
      '!!timestamp 2001-12-14',
      '!!merge x',
      '!own x',
      '!e!thing x',
      '!include /etc/passwd',
      '!env HOME',
    ].map((tag) => [`the tag ${tag.split(' ')[0]}`, withRoot(`variables: { a: ${tag} }`)]),
  ),
);

/** What is odd and harmless. */
const ODDITIES = all('either', {
  'the tag !!str': withRoot('variables: { a: !!str 5 }'),
  'the tag !!int': withRoot('variables: { a: !!int "5" }'),
  'the tag ! alone': withRoot('variables: { a: ! x }'),
  '%YAML twice': `%YAML 1.2\n%YAML 1.2\n---\n${BASE}`,
  'true as a key': withRoot('variables: { true: a }'),
  'the tag !!str in full': withRoot('variables: { a: !<tag:yaml.org,2002:str> x }'),
});

const DIRECTIVES = [
  ...all('refused', {
    '%YAML 1.1': `%YAML 1.1\n---\n${BASE}`,
    '%YAML 1.3': `%YAML 1.3\n---\n${BASE}`,
    '%YAML 2.0': `%YAML 2.0\n---\n${BASE}`,
    '%YAML without a number': `%YAML\n---\n${BASE}`,
    '%TAG and its use': `%TAG !e! tag:example.com,2000:\n---\n${withRoot('variables: { a: !e!x 1 }')}`,
    'an unknown directive': `%WHAT ever\n---\n${BASE}`,
    'a directive without a document': '%YAML 1.2\n',
    'two documents': `${BASE}---\n${BASE}`,
    'a thousand documents': '---\na: 1\n'.repeat(1_000),
    'text behind the end': `${BASE}...\nmore: 1\n`,
  }),
  ...all('fine', { '%YAML 1.2': `%YAML 1.2\n---\n${BASE}`, 'a document start and end': `---\n${BASE}...\n` }),
];

const KEYS = [
  ...all('refused', {
    '__proto__ at the root': withRoot('__proto__: { polluted: 1 }'),
    '"__proto__" in quotes': withRoot('variables: { "__proto__": { polluted: 1 } }'),
    '__proto__ as escapes': withRoot('variables: { "\\x5f_proto__": { polluted: 1 } }'),
    'constructor in variables': withRoot('variables: { constructor: { prototype: { polluted: 1 } } }'),
    'prototype in a payload': BASE.replace('{ a: 1 }', '{ prototype: 1 }'),
    '__proto__ in a payload': BASE.replace('{ a: 1 }', '{ b: [{ __proto__: { c: 1 } }] }'),
    '__proto__ as a service': withRoot().replace('web:', '__proto__:'),
    'constructor as a handler': BASE.replace('serve:', 'constructor:'),
    'a key twice': withRoot('name: a', 'name: b'),
    'a key twice, once in quotes': withRoot('name: a', '"name": b'),
    'a key twice in a payload': BASE.replace('{ a: 1 }', '{ a: 1, a: 2 }'),
    'a service twice': BASE.replace('  web:', '  web: { handlers: {} }\n  web:'),
    'a thousand keys twice': withRoot(
      'variables:',
      ...Array.from({ length: 1_000 }, (_, n) => `  k${n}: 1\n  k${n}: 2`),
    ),
    'a number as a key': withRoot('variables: { 1: a }'),
    'null as a key': withRoot('variables: { ~: a }'),
    'nothing as a key': withRoot('variables: { : a }'),
    'a list as a key': withRoot('variables: { ? [a, b] : c }'),
    'a map as a key': withRoot('variables: { { a: b }: c }'),
    'a key of a megabyte': withRoot(`${'k'.repeat(MIB - 1_000)}: 1`),
    'an unknown key': withRoot('serivces: {}'),
    'ten thousand unknown keys': withRoot(...Array.from({ length: 1_990 }, (_, n) => `unknown${n}: 1`)),
  }),
  ...all('fine', {
    'toString as a service': BASE.replace('web:', 'toString:'),
    'hasOwnProperty as a payload key': BASE.replace(
      '{ a: 1 }',
      '{ hasOwnProperty: 1, valueOf: 2, __defineGetter__: 3 }',
    ),
  }),
];

const CHARACTERS = [
  ...all('refused', {
    'NUL in a text': withRoot('name: "a\u0000b"'),
    'NUL as the first byte': `\u0000${BASE}`,
    'a megabyte of NUL': new Uint8Array(MIB),
    'ESC in a key': withRoot('"\u001b[2J": 1'),
    'BEL in a comment': `# \u0007\n${BASE}\u0007: 1\n`,
    'DEL in a key': withRoot('\u007f: 1'),
    'C1 in a key': withRoot('"\u009b31m": 1'),
    'a byte order mark in the middle': `${BASE}\ufeffname: a\n`,
    'bidi in a key': withRoot('"\u202eeman": x'),
    'a line separator in a key': withRoot('"a\u2028b": x'),
    'an escape beyond Unicode': withRoot('name: "\\U00110000"'),
    'an unknown escape': withRoot('name: "\\q"'),
    'tabs for indentation': BASE.replaceAll('  ', '\t'),
    'UTF-16 with a mark': Buffer.from(`\ufeff${BASE}`, 'utf16le'),
    'UTF-16 without a mark': Buffer.from(BASE, 'utf16le'),
    'UTF-16, the other way round': Buffer.from(`\ufeff${BASE}`, 'utf16le').swap16(),
    'UTF-32': Buffer.concat([...BASE].map((char) => Buffer.from([char.charCodeAt(0), 0, 0, 0]))),
    'Latin-1': Buffer.from(withRoot('name: café'), 'latin1'),
    'overlong UTF-8': Buffer.concat([Buffer.from(BASE), Buffer.from([0x23, 0xc0, 0xaf, 0x0a])]),
    'half a character at the end': Buffer.concat([Buffer.from(BASE), Buffer.from([0x23, 0xe2, 0x82])]),
    'surrogates as UTF-8': Buffer.concat([Buffer.from(BASE), Buffer.from([0x23, 0xed, 0xa0, 0x80, 0x0a])]),
    'an ELF program': Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), Buffer.alloc(5_000, 0xcc)]),
    gzip: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3]),
    'old Mac line ends': BASE.replaceAll('\n', '\r'),
  }),
  ...all('fine', {
    'a byte order mark': `\ufeff${BASE}`,
    'Windows line ends': BASE.replaceAll('\n', '\r\n'),
    'the Norway problem': withRoot('name: NO', 'variables: { no: no, off: off, y: y, on: on, n: n }'),
    'sexagesimals, dates and underscores': withRoot(
      'variables: { a: 12:30:45, b: 2026-01-31, c: 1_000, d: 0o17, e: 010 }',
    ),
    'emoji, RTL and combining marks': withRoot('name: "👩‍👩‍👧 שלום é Z̤͔ͧ̑̓ä͖̭̈̇lͮ̒ͫǧ̗͚̚o̙̔ͮ̇͐̇"'),
    'control characters as escapes': withRoot('name: "a\\u001b[2J\\u202e\\u0007\\r\\nb"'),
    'half a surrogate as an escape': withRoot('variables: { a: "\\ud800" }'),
  }),
];

const SIZES = [
  ...all('refused', {
    'a megabyte and a byte': `${BASE}#${' '.repeat(MIB)}`,
    blanks: ' '.repeat(100_000),
    'a hundred thousand lists in lists': '['.repeat(100_000),
    'a hundred thousand maps in maps': '{a: '.repeat(100_000),
    'lists in lists that end': withRoot(`variables: { a: ${'['.repeat(50_000)}${']'.repeat(50_000)} }`),
    'block maps a thousand deep': Array.from({ length: 1_000 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'),
    'list marks': '- '.repeat(200_000),
    'key marks': '? '.repeat(200_000),
    'closing brackets': ']'.repeat(500_000),
    commas: `[${','.repeat(500_000)}`,
    quotes: '"'.repeat(1_000_001),
    colons: ':'.repeat(MIB - 10),
    'hundred thousand keys': withRoot('variables:', ...Array.from({ length: 60_000 }, (_, n) => `  k${n}: 1`)),
    'half a megabyte of items': withRoot(`variables: { a: [${'a,'.repeat(500_000)}] }`),
    'only comments': '# nothing\n'.repeat(10_000),
    'only a document start': '---\n',
    'a text': 'hello\n',
    'a list': '- a\n- b\n',
    null: 'null\n',
    HTML: '<!doctype html>\n<html><body>404: not found</body></html>\n',
    'half a file': BASE.slice(0, BASE.length / 2),
  }),
  ...all('fine', {
    'a megabyte of comment': `${BASE}#${' '.repeat(MIB - BASE.length - 2)}\n`,
    'half a megabyte of text': withRoot(`variables: { a: "${'x'.repeat(500_000)}" }`),
    'a block text of ten thousand lines': withRoot(
      'variables:',
      '  a: |',
      ...Array.from({ length: 10_000 }, () => '    line'),
    ),
    JSON: '{"version": 1, "services": {"a": {"handlers": {"h": {"subscribe": "a.b"}}}}, "requests": [{"name": "r", "flow": [{"publish": {"type": "a.b"}}]}]}',
  }),
  {
    name: 'a gigabyte',
    expect: 'refused',
    make: (folder: string) => sparse(join(folder, 'file'), BASE, 1 << 30),
  } satisfies FileCase,
];

export const yamlCases: readonly FileCase[] = [
  ...kinds({ good: BASE, empty: 'refused' }),
  ...ALIASES,
  ...TAGS,
  ...ODDITIES,
  ...DIRECTIVES,
  ...KEYS,
  ...CHARACTERS,
  ...SIZES,
];
