/** The JSON Schema of scenario files, from the schema that validates them. */
import * as z from 'zod/mini';
import type { JsonObject } from '../kernel/index.js';
import { scenarioSchema } from './schema.js';
import { docs } from './schema-parts.js';

/** JSON Schema (draft 2020-12) for editors; pure data. */
export function scenarioJsonSchema(): JsonObject {
  const schema = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    metadata: docs,
    target: 'draft-2020-12',
    // Examples are written as in a file, also where the value is transformed later, so they hold for the input.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = docs.get(zodSchema)?.examples;
      if (examples !== undefined && jsonSchema.$ref === undefined) jsonSchema.examples = examples;
    },
  });
  const { $schema, ...rest } = JSON.parse(JSON.stringify(schema)) as JsonObject;
  return {
    $schema: $schema ?? null,
    title: 'cf-bus scenario',
    description: 'Simulated services on an event bus, the traffic that reaches them, and what must hold.',
    ...rest,
  };
}
