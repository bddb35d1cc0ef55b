import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { isObject } from '../../src/kernel/index.js';
import { FAULT_SCHEMAS, faultKinds, scenarioJsonSchema } from '../../src/scenario/index.js';
import { scenarioSchema } from '../../src/scenario/schema.js';

type Node = Record<string, unknown>;

/** Every object of the schema, with the path to it. */
function* nodes(value: unknown, path = '$'): Generator<readonly [string, Node]> {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) yield* nodes(item, `${path}[${index}]`);
  } else if (isObject(value)) {
    yield [path, value];
    for (const [key, item] of Object.entries(value)) yield* nodes(item, `${path}.${key}`);
  }
}

const schema = scenarioJsonSchema();

test('it is JSON Schema 2020-12, plain JSON, the same each time', () => {
  expect(schema.$schema).toBe('https://json-schema.org/draft/2020-12/schema');
  expect(JSON.parse(JSON.stringify(scenarioJsonSchema()))).toEqual(schema);
  expect(schema).toMatchObject({ type: 'object', required: ['version', 'services'], additionalProperties: false });
});

test('editors get every key of the format, with a description', () => {
  const missing: string[] = [];
  const keys = new Set<string>();
  for (const [path, node] of nodes(schema)) {
    if (!isObject(node.properties)) continue;
    for (const [key, value] of Object.entries(node.properties)) {
      keys.add(key);
      const described = isObject(value) && ('description' in value || describedDefinition(value.$ref));
      if (!described) missing.push(`${path}.${key}`);
    }
  }
  expect(missing).toEqual([]);
  expect([...keys].sort()).toEqual([
    'above',
    'after',
    'arrival_count',
    'arrival_rate',
    'arrivals',
    'as',
    'attempts',
    'backoff',
    'below',
    'by',
    'concurrency',
    'count',
    'delay',
    'duration',
    'event',
    'every',
    'expect',
    'faults',
    'flow',
    'from',
    'handlers',
    'interval',
    'jitter',
    'loop',
    'max',
    'max_delay',
    'mean',
    'median',
    'message',
    'metric',
    'min',
    'module',
    'name',
    'never',
    'on_error',
    'overflow',
    'p99',
    'pause',
    'payload',
    'phases',
    'probability',
    'publish',
    'queue',
    'ramp_to',
    'requests',
    'retry',
    'seed',
    'services',
    'size',
    'source',
    'stddev',
    'subscribe',
    'think',
    'timeout',
    'trace_id',
    'type',
    'until',
    'variables',
    'version',
    'wait_for',
    'weight',
    'when',
    'within',
  ]);
});

function describedDefinition(reference: unknown): boolean {
  if (typeof reference !== 'string' || !isObject(schema.$defs)) return false;
  const definition = schema.$defs[reference.replace('#/$defs/', '')];
  return (
    isObject(definition) &&
    ('description' in definition || describedDefinition(definition.$ref) || 'items' in definition)
  );
}

test('a misspelt key is marked: no map of fixed keys takes others', () => {
  for (const [path, node] of nodes(schema)) {
    if (isObject(node.properties)) expect([path, node.additionalProperties]).toEqual([path, false]);
  }
});

test('references lead somewhere', () => {
  const definitions = isObject(schema.$defs) ? Object.keys(schema.$defs) : [];
  for (const [, node] of nodes(schema)) {
    if (typeof node.$ref === 'string') expect(definitions).toContain(node.$ref.replace('#/$defs/', ''));
  }
});

test('every fault of the registry is in the schema, with its description', () => {
  const written = JSON.stringify(schema);
  expect(faultKinds()).toHaveLength(FAULT_SCHEMAS.length);
  expect(faultKinds().map(({ type }) => type)).toEqual(['error', 'hang', 'drop', 'duplicate', 'slow', 'down']);
  for (const { type, description } of faultKinds()) {
    expect(written).toContain(`"const":"${type}"`);
    expect(description.length).toBeGreaterThan(10);
  }
});

test('another validator, made from the JSON Schema alone, takes the shipped scenarios and refuses broken ones', async () => {
  const { fromJSONSchema } = await import('zod');
  const validator = fromJSONSchema(JSON.parse(JSON.stringify(schema)));
  const { parse } = await import('yaml');
  for (const name of [
    'hello',
    'index-pipeline',
    'rag-query',
    'failures',
    'load',
    'backpressure',
    'race',
    'contextforge',
  ]) {
    const value: unknown = parse(readFileSync(new URL(`../../scenarios/${name}.yaml`, import.meta.url), 'utf8'));
    expect([name, validator.safeParse(value).success]).toEqual([name, true]);
    expect([name, scenarioSchema.safeParse(value).success]).toEqual([name, true]);
    if (isObject(value)) expect(validator.safeParse({ ...value, serivces: {} }).success).toBe(false);
  }
  expect(z.safeParse(scenarioSchema, {}).success).toBe(false);
});
