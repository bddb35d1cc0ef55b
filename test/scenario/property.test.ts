import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { Liquid } from 'liquidjs';
import { expect, test } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import {
  compileCondition,
  compileTemplate,
  compileText,
  parseScenario,
  type TemplateScope,
} from '../../src/scenario/index.js';

const SAMPLES = ['index-pipeline', 'rag-query', 'failures', 'load', 'backpressure'].map((name) =>
  readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), 'utf8'),
);

/** Every text is a scenario or one CfBusError whose message is fit for a terminal, soon. */
function judge(text: string): void {
  const before = process.cpuUsage();
  try {
    parseScenario(text, 'any.yaml');
  } catch (error) {
    if (!(error instanceof CfBusError)) throw error;
    expect(error.code).toBe('INVALID_SCENARIO');
    expect(error.message).toMatch(/^any\.yaml(:\d+:\d+)?: \S/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(error.message).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    expect(error.message.length).toBeLessThan(20_000);
  }
  // Of this process's own work: a busy machine is no fault of the loader.
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1_000).toBeLessThan(1_000);
}

test('any text gives a scenario or one clear error', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ maxLength: 300 })), judge),
    {
      numRuns: 500,
    },
  );
});

const PIECES = fc.constantFrom(
  'version: 1',
  'services:',
  'handlers:',
  'subscribe',
  ': ',
  '\n',
  '  ',
  '    ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '|\n',
  '>-\n',
  '&a ',
  '*a',
  '!t ',
  '<<',
  '? ',
  '#',
  '---\n',
  '...\n',
  '%YAML 1.1\n',
  '{{',
  '}}',
  '{%',
  'event.payload',
  'publish',
  'a.b',
  '80ms',
  '5%',
  '\t',
  '\r\n',
  '__proto__',
  'null',
  '.nan',
  '0x',
  '1e400',
  '\u202e',
  '日本',
  '@',
  '`',
);

test('any heap of YAML gives a scenario or one clear error', () => {
  fc.assert(
    fc.property(fc.array(PIECES, { maxLength: 60 }), (pieces) => judge(pieces.join(''))),
    { numRuns: 1_000 },
  );
});

test('a real scenario with a piece cut out, put in or moved gives a scenario or one clear error', () => {
  const edit = fc.record({
    sample: fc.constantFrom(...SAMPLES),
    from: fc.nat(4_000),
    length: fc.nat(60),
    put: fc.oneof(PIECES, fc.string({ maxLength: 8 }), fc.constant('')),
  });
  fc.assert(
    fc.property(edit, ({ sample, from, length, put }) => {
      const at = from % sample.length;
      judge(sample.slice(0, at) + put + sample.slice(at + length));
    }),
    { numRuns: 400 },
  );
});

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 4 }),
  map: fc.dictionary(fc.stringMatching(/^[a-c]{1,2}$/), tie('value'), { maxKeys: 4, noNullPrototype: true }),
}));

const liquid = new Liquid({
  ownPropertyOnly: true,
  outputEscape: (value) => (typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '')),
});

function scopeOf(payload: unknown): TemplateScope {
  const map = typeof payload === 'object' && payload !== null ? { ...payload } : {};
  return {
    variables: { a: 1 },
    event: { id: 'e', type: 'a.b', source: 's', trace_id: 't', timestamp: 1, payload: map },
    sequence: 2,
  };
}

const path = fc.constantFrom(
  'sequence',
  'event.type',
  'variables.a',
  'event.payload.a',
  'event.payload.b',
  'event.payload.a.b',
  'event.payload.c.a',
);

test('texts of plain names mean what Liquid makes of them', () => {
  const part = fc.oneof(
    fc.stringMatching(/^[a-z ,:.-]{0,5}$/),
    path.map((name) => `{{ ${name} }}`),
    path.map((name) => `{{${name}}}`),
  );
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), json.map, (parts, payload) => {
      const template = parts.join('');
      const scope = scopeOf(payload);
      let ours: string;
      try {
        ours = compileText(template)(scope);
      } catch (error) {
        expect(() => liquid.parseAndRenderSync(template, scope, { strictVariables: true })).toThrow();
        expect(error).toMatchObject({ code: 'TEMPLATE_FAILED' });
        return;
      }
      expect(ours).toBe(liquid.parseAndRenderSync(template, scope, { strictVariables: true }));
    }),
    { numRuns: 500 },
  );
});

test('conditions mean what Liquid makes of them', () => {
  const literal = fc.oneof(
    fc.integer({ min: -3, max: 3 }).map(String),
    fc.constantFrom('1.5', 'true', 'false', 'nil', '"a"', "'b'", '""', '"a.b"'),
  );
  const operator = fc.constantFrom('==', '!=', '>', '<', '>=', '<=', 'contains');
  const term = fc.oneof(
    path,
    fc.tuple(path, operator, fc.oneof(literal, path)).map((words) => words.join(' ')),
  );
  const condition = fc
    .tuple(fc.constantFrom(' and ', ' or '), fc.array(term, { minLength: 1, maxLength: 3 }))
    .map(([joint, terms]) => terms.join(joint));
  fc.assert(
    fc.property(condition, json.map, (text, payload) => {
      const scope = scopeOf(payload);
      const theirs = liquid.parseAndRenderSync(`{% if ${text} %}true{% else %}false{% endif %}`, scope);
      expect(String(compileCondition(text)(scope))).toBe(theirs);
    }),
    { numRuns: 1_000 },
  );
});

test('a JSON value without template marks is given back equal', () => {
  fc.assert(
    fc.property(json.value, (value) => {
      if (JSON.stringify(value).includes('{{') || JSON.stringify(value).includes('{%')) return;
      const plain = JSON.parse(JSON.stringify(value));
      expect(compileTemplate(JSON.parse(JSON.stringify(value)))(scopeOf({}))).toEqual(plain);
    }),
  );
});
