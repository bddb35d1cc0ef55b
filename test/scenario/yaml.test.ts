import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/index.js';
import { load, messagesOf, problemsOf, scenarioError, scenarioText, withRoot } from './helpers.js';

describe('YAML that scenarios do not use is one clear error', () => {
  test('an alias', () => {
    expect(messagesOf(withRoot('variables: { a: &x 1, b: *x }'))).toEqual([
      '3:20: anchors (`&name`) are not used in scenarios; write values out',
      '3:26: aliases (`*name`) are not used in scenarios; write the value out',
    ]);
  });

  test('a bomb of aliases, in no time', () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `  l${level + 1}: &l${level + 1} [*l${level}, *l${level}, *l${level}]`,
    );
    const problems = problemsOf(withRoot('variables:', '  l0: &l0 [x, x, x]', ...levels));
    expect(problems).toHaveLength(20);
    expect(problems[0]?.message).toContain('anchors');
  });

  test('a value that holds itself', () => {
    expect(messagesOf(withRoot('variables: { a: &loop [*loop] }'))[0]).toContain('anchors (`&name`)');
  });

  test.each(['!!binary aGk=', '!!timestamp 2026-01-01', '!secret x', '!!js/function "x"', '!!set { a }'])(
    'the tag in %s',
    (value) => {
      expect(messagesOf(withRoot(`variables: { a: ${value} }`))[0]).toMatch(
        /^3:17: YAML tags are not used in scenarios/,
      );
    },
  );

  test('a merge key', () => {
    expect(messagesOf(withRoot('variables:', '  <<: { a: 1 }'))).toEqual([
      '4:3: merge keys (`<<`) are not used in scenarios; write the keys out',
    ]);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('%s as a name or key, anywhere', (word) => {
    expect(messagesOf(withRoot(`variables: { ${word}: { polluted: true } }`))).toEqual([
      `3:14: \`${word}\` cannot be a key`,
    ]);
    expect(messagesOf(scenarioText(`services: { ${word}: {} }`))[0]).toContain(`\`${word}\` cannot be a key`);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  test.each(['__proto__', 'constructor', 'prototype'])('%s as a name that is a value', (word) => {
    const wait = `{ wait_for: { type: a.b, within: 1s, as: ${word} } }`;
    expect(messagesOf(withRoot(`requests: [{ name: ${word}, flow: [${wait}] }]`))).toEqual([
      '3:20: `name` cannot be `__proto__`, `constructor` or `prototype`',
      expect.stringMatching(/^3:\d+: `as` cannot be `__proto__`/),
    ]);
  });

  test('a key that is there twice, with the line of the first', () => {
    expect(messagesOf(withRoot('name: one', 'seed: 1', 'name: two'))).toEqual(['5:1: `name` is already set on line 3']);
  });

  test('several documents', () => {
    expect(messagesOf(`${withRoot()}---\n${withRoot()}`)).toEqual([
      '3:1: a second YAML document starts here; a scenario is one document',
    ]);
    expect(messagesOf(`${withRoot()}...\n---\nx: 1\n`)[0]).toContain('a second YAML document');
  });

  test('another YAML version', () => {
    expect(messagesOf(`%YAML 1.1\n---\n${withRoot()}`)).toEqual([
      '1:1: scenarios are YAML 1.2; remove the directive for YAML 1.1',
    ]);
  });

  test('a map or list as a key', () => {
    expect(messagesOf(withRoot('variables: { ? [a] : 1 }'))[0]).toBe('3:16: a key is a plain word');
  });

  test('a tab as indentation', () => {
    expect(messagesOf('version: 1\nservices:\n\ts: 1\n')[0]).toContain('a tab cannot indent YAML; use spaces');
  });

  test.each([
    ['NUL', '\u0000'],
    ['escape', '\u001b'],
    ['delete', '\u007f'],
  ])('the control character %s, with its place', (_, char) => {
    const error = scenarioError(() => load(withRoot(`name: a${char}b`)));
    expect(error.message).toMatch(/^test\.yaml:3:8: a control character, which YAML does not allow\n/);
    expect(error.message).not.toContain(char);
  });

  test.each(['.inf', '-.inf', '.nan', '1e999'])('the number %s', (value) => {
    expect(messagesOf(withRoot(`variables: { a: ${value} }`))).toEqual([
      `3:17: \`${value}\` is no number that JSON can hold`,
    ]);
  });

  test('a whole number that would lose digits', () => {
    expect(messagesOf(withRoot('variables: { a: 12345678901234567890 }'))).toEqual([
      '3:17: a number this large would lose digits; put it in quotes',
    ]);
  });
});

describe('YAML 1.2 is read as YAML 1.2', () => {
  test('no, NO, yes, on and off are text, and 010 is ten', () => {
    const scenario = load(
      withRoot('variables: { country: NO, a: no, b: yes, c: on, d: off, e: 010, f: 0o10, g: 1_000, h: 12:30:45 }'),
    );
    expect(Object.fromEntries(scenario.variables)).toEqual({
      country: 'NO',
      a: 'no',
      b: 'yes',
      c: 'on',
      d: 'off',
      e: 10,
      f: 8,
      g: '1_000',
      h: '12:30:45',
    });
  });

  test('dates stay text', () => {
    expect(load(withRoot('variables: { day: 2026-01-31 }')).variables.get('day')).toBe('2026-01-31');
  });

  test('comments, quotes, block texts and a document start are fine', () => {
    const scenario = load(
      `# hello\n---\n${withRoot('variables:', '  text: |', '    two', '    lines', "  quoted: 'it''s'", 'name: "a\\tb"')}`,
    );
    expect(scenario.variables.get('text')).toBe('two\nlines\n');
    expect(scenario.variables.get('quoted')).toBe("it's");
    expect(scenario.name).toBe('a\tb');
  });

  test('Windows line ends and a byte order mark are fine, and positions stay right', () => {
    const text = withRoot('name: [1]').replaceAll('\n', '\r\n');
    expect(messagesOf(`\ufeff${text}`)).toEqual(['3:7: `name` must be text, not a list']);
    expect(load(`\ufeff${withRoot()}`).name).toBe('test');
  });

  test('an explicit %YAML 1.2 is fine', () => {
    expect(load(`%YAML 1.2\n---\n${withRoot()}`).version).toBe(1);
  });
});

describe('a text without a scenario in it is one clear error', () => {
  test.each([
    ['nothing', ''],
    ['blanks', '  \n\n'],
    ['comments only', '# nothing yet\n'],
    ['a document start', '---\n'],
    ['null', 'null\n'],
  ])('%s', (_, text) => {
    expect(messagesOf(text)).toEqual(['1:1: the scenario is empty; `cf-bus init` writes one to start from']);
  });

  test.each([
    ['a text', 'hello\n', '1:1: the scenario must be a map of keys, not `hello`'],
    ['a number', '42\n', '1:1: the scenario must be a map of keys, not 42'],
    ['a list', '- a\n', '1:1: the scenario must be a map of keys, not a list'],
  ])('%s', (_, text, message) => {
    expect(messagesOf(text)).toEqual([message]);
  });

  test('something that is no YAML', () => {
    expect(messagesOf('version: 1\nservices: {\n')[0]).toMatch(/^\d+:\d+: not YAML: /);
    expect(messagesOf('<html>\n<body>: x: y\n')[0]).toMatch(/^\d+:\d+: not YAML: /);
  });
});

describe('what would exhaust the machine is one clear error, soon', () => {
  const MIB = 1024 * 1024;
  const fill = (piece: string) => piece.repeat(Math.floor(MIB / piece.length));
  const CASES: readonly (readonly [string, string])[] = [
    ['lists in lists', fill('[')],
    ['maps in maps', fill('{a: ')],
    ['list marks', fill('- ')],
    ['key marks', fill('? ')],
    ['documents', fill('---\n')],
    ['closing brackets', fill('}')],
    ['empty texts', fill('"" ')],
    ['anchors', fill('&a ')],
    ['tags', fill('!a ')],
    ['directives', fill('%A\n')],
    ['commas', `[${fill(',')}`.slice(0, MIB)],
    ['keys', Array.from({ length: 90_000 }, (_, key) => `k${key}: 1`).join('\n')],
    ['items', `[${fill('a,')}`.slice(0, MIB)],
    ['blanks', fill(' ')],
    ['quotes', fill("'")],
  ];

  test.each(CASES)('a megabyte of %s', (_, text) => {
    const before = process.cpuUsage();
    const error = scenarioError(() => load(text));
    const { user, system } = process.cpuUsage(before);
    expect(error.problems.length).toBeGreaterThan(0);
    expect(error.problems.length).toBeLessThanOrEqual(20);
    expect(error.message.length).toBeLessThan(8_000);
    // About one second on this kind of machine, collecting garbage included; the rest is room for a slower one.
    expect((user + system) / 1_000).toBeLessThan(6_000);
  });

  test('more than 1 MiB', () => {
    expect(() => parseScenario(`${withRoot()}#${' '.repeat(1024 * 1024)}`, 'big.yaml')).toThrow(
      'big.yaml: the file is larger than 1 MiB, which no scenario needs',
    );
  });

  test('more than 100 levels, where they begin to be too many', () => {
    const deep = (levels: number) => withRoot(`variables: { a: ${'['.repeat(levels)}${']'.repeat(levels)} }`);
    expect(load(deep(90)).variables.has('a')).toBe(true);
    expect(messagesOf(deep(120))[0]).toMatch(/^3:1\d\d: nested deeper than 100 levels$/);
  });

  test('more than 2,000 keys in a map', () => {
    const keys = (count: number) =>
      withRoot('variables:', ...Array.from({ length: count }, (_, key) => `  v${key}: 1`));
    expect(load(keys(2_000)).variables.size).toBe(2_000);
    expect(messagesOf(keys(2_001))).toEqual(['4:3: a map has at most 2000 keys, not 2001']);
  });

  test('10,000 services are fine', () => {
    const services = Array.from({ length: 10_000 }, (_, n) => `  s${n}: { handlers: { h: { subscribe: a.b } } }`);
    expect(load(scenarioText('services:', ...services)).services.size).toBe(10_000);
  });
});
