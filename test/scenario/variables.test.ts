import { expect, test } from 'vitest';
import { CfBusError } from '../../src/kernel/index.js';
import { variableScope, withVariables } from '../../src/scenario/index.js';
import { load, withFlow } from './helpers.js';

const SCENARIO = load(
  withFlow('- publish: { type: a.b, payload: { repo: "{{ variables.repo }}", n: "{{ variables.count }}" } }').concat(
    'variables: { repo: /srv/web, count: 5 }\n',
  ),
);

function payloadOf(overrides: readonly (readonly [string, string])[]): unknown {
  const scenario = withVariables(SCENARIO, overrides);
  const [step] = scenario.requests[0]?.flow ?? [];
  return step?.type === 'publish'
    ? step.payload({ variables: variableScope(scenario.variables), sequence: 1 })
    : undefined;
}

test('--set changes a variable: JSON where it parses, else text', () => {
  expect(payloadOf([])).toEqual({ repo: '/srv/web', n: 5 });
  expect(
    payloadOf([
      ['repo', '/srv/other'],
      ['count', '7'],
    ]),
  ).toEqual({ repo: '/srv/other', n: 7 });
  expect(
    payloadOf([
      ['repo', '"7"'],
      ['count', '{"deep":[1]}'],
    ]),
  ).toEqual({ repo: '7', n: { deep: [1] } });
  expect(
    payloadOf([
      ['repo', ''],
      ['count', 'null'],
    ]),
  ).toEqual({ repo: '', n: null });
});

test('the scenario that was loaded stays as it was', () => {
  withVariables(SCENARIO, [['count', '9']]);
  expect(SCENARIO.variables.get('count')).toBe(5);
});

test('an unknown variable is wrong usage, with the nearest name', () => {
  const fail = (name: string) => {
    try {
      withVariables(SCENARIO, [[name, '1']]);
    } catch (error) {
      if (error instanceof CfBusError) return error;
    }
    throw new Error('it was taken');
  };
  expect(fail('repp')).toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: 'test.yaml has no variable `repp`',
    hint: 'did you mean `repo`?',
  });
  expect(fail('zzzzzz').hint).toBe('it has repo, count');
  expect(fail('__proto__').code).toBe('USAGE');
});
