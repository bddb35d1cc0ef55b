import { describe, expect, test } from 'vitest';
import { parseScenario } from '../../src/scenario/index.js';
import {
  load,
  messagesOf,
  problemsOf,
  scenarioError,
  scenarioText,
  withFlow,
  withHandler,
  withRoot,
} from './helpers.js';

describe('an error shows file, line, column, the line itself and a marker under it', () => {
  test('one problem', () => {
    const error = scenarioError(() => parseScenario(withHandler('subscribe: a.b', 'delay: 80'), 'scenarios/shop.yaml'));
    expect(error.code).toBe('INVALID_SCENARIO');
    expect(error.exitCode).toBe(2);
    expect(error.message).toBe(
      [
        'scenarios/shop.yaml:7:16: `delay` needs a unit: write `80ms`, or with us, s, m, h or d',
        '  7 |         delay: 80',
        '    |                ^^',
      ].join('\n'),
    );
  });

  test('several problems, in the order of the file', () => {
    const error = scenarioError(() => load(withRoot('naem: x', 'seed: -1', 'phases: {}')));
    expect(error.message).toBe(
      [
        'test.yaml:3:1: unknown key `naem` in the scenario; did you mean `name`?',
        '  3 | naem: x',
        '    | ^^^^',
        'test.yaml:4:7: `seed` must be at least 0, not -1',
        '  4 | seed: -1',
        '    |       ^^',
        'test.yaml:5:9: `phases` must be a list, not a map of keys',
        '  5 | phases: {}',
        '    |         ^^',
      ].join('\n'),
    );
    expect(error.problems.map(({ suggestion }) => suggestion)).toEqual(['name', undefined, undefined]);
  });

  test('at most twenty, and how many more there are', () => {
    const lines = Array.from({ length: 25 }, (_, n) => `k${n}: 1`);
    const error = scenarioError(() => load(withRoot(...lines)));
    expect(error.problems).toHaveLength(20);
    expect(error.message.endsWith('\n… and 5 more problems')).toBe(true);
  });

  test('a tab, wide characters and escapes in the line keep the marker in place and the terminal safe', () => {
    const [problem] = problemsOf(
      withRoot('variables: { a: "日本\u202e", b: "x\ty" } # \u009b31m', 'name: {"日本":\t1}'),
    );
    expect(problem?.excerpt).toBe('  4 | name: {"日本":  1}\n    |       ^^^^^^^^^^^^');
    const [bad] = problemsOf(withRoot('name: {"\u202e\u009b31m": 1}'));
    expect(bad?.excerpt).toContain('<U+202E>\\x9b31m');
  });

  test('a long line is cut around the marker', () => {
    const padding = 'x'.repeat(300);
    const [problem] = problemsOf(withRoot(`variables: { a: ${padding}, b: .nan, c: ${padding} }`));
    const [line = '', marker = ''] = problem?.excerpt.split('\n') ?? [];
    expect(line.length).toBeLessThan(110);
    expect(line.startsWith('  3 | …xxx')).toBe(true);
    expect(line.endsWith('…')).toBe(true);
    expect(line.slice(marker.indexOf('^'), marker.lastIndexOf('^') + 1)).toBe('.nan');
  });
});

describe('unknown keys', () => {
  test.each([
    ['arrivalRate', 'phases: [{ duration: 1s, arrivalRate: 2 }]', 'arrival_rate'],
    ['rampTo', 'phases: [{ duration: 1s, arrival_rate: 1, rampTo: 2 }]', 'ramp_to'],
    ['arrivalCount', 'phases: [{ duration: 1s, arrivalCount: 2 }]', 'arrival_count'],
    ['target', 'phases: [{ duration: 1s, arrival_rate: 1, target: 2 }]', 'ramp_to'],
    ['stages', 'stages: []', 'phases'],
    ['scenarios', 'scenarios: []', 'requests'],
    ['thresholds', 'thresholds: []', 'expect'],
    ['environment', 'environment: {}', 'variables'],
    ['vars', 'vars: {}', 'variables'],
  ])('%s of another tool is answered with ours', (key, line, suggestion) => {
    expect(problemsOf(withRoot(line))).toMatchObject([
      { suggestion, message: expect.stringContaining(`unknown key \`${key}\``) },
    ]);
  });

  test.each([
    ['fixedDelayMilliseconds: 80', 'delay'],
    ['delayDistribution: { type: uniform }', 'delay'],
    ['latency: 80ms', 'delay'],
    ['topic: a.b', 'subscribe'],
    ['topics: [a.b]', 'subscribe'],
    ['emits: { type: a.b }', 'publish'],
    ['onError: []', 'on_error'],
    ['on-error: []', 'on_error'],
    ['if: event.payload.x', 'when'],
    ['maxRetries: 3', 'retry'],
    ['replicas: 3', 'concurrency'],
    ['maxVusers: 3', 'concurrency'],
    ['toxics: []', 'faults'],
    ['script: ./x.js', 'module'],
    ['subscrbe: a.b', 'subscribe'],
    ['timeuot: 1s', 'timeout'],
  ])('a handler’s %s', (line, suggestion) => {
    expect(problemsOf(withHandler('subscribe: a.b', line))).toMatchObject([{ suggestion }]);
  });

  test.each([
    ['{ type: error, toxicity: 0.5 }', 'probability'],
    ['{ type: slow, latency: 100ms, by: 1s }', 'by'],
    ['{ type: down, to: 5s }', 'until'],
    ['{ type: error, propability: 5% }', 'probability'],
  ])('a fault’s key in %s', (fault, suggestion) => {
    expect(problemsOf(withHandler('subscribe: a.b', `faults: [${fault}]`))).toMatchObject([{ suggestion }]);
  });

  test.each([
    ['- sleep: 1s', 'think'],
    ['- repeat: { count: 1 }', 'loop'],
    ['- send: { type: a.b }', 'publish'],
    ['- wait_for: { type: a.b, timeout: 5s, within: 1s }', 'within'],
    ['- wait_for: { type: a.b, within: 5s, capture: x }', 'as'],
    ['- publish: { topic: a.b, type: a.b }', 'type'],
    ['- publish: { type: a.b, body: {} }', 'payload'],
  ])('a step’s key in %s', (step, suggestion) => {
    expect(problemsOf(withFlow(step))).toMatchObject([{ suggestion }]);
  });

  test('without a near one, the known ones are listed', () => {
    expect(messagesOf(withHandler('subscribe: a.b', 'concurrency: 1', 'queue: { size: 1, zzz: 1 }'))).toEqual([
      '8:27: unknown key `zzz` in `queue`; known are size and overflow',
    ]);
  });
});

describe('missing and misplaced parts', () => {
  test.each([
    ['services: { s: { handlers: { h: { subscribe: a.b } } } }', '1:1: `version` is missing in the scenario'],
    ['version: 1', '1:1: `services` is missing in the scenario'],
    ['version: 2\nservices: {}', '1:10: `version` must be 1, not 2; this cf-bus reads no other'],
    ['version: "1"\nservices: {}', '1:10: `version` must be 1, not "1"; this cf-bus reads no other'],
    ['version: 1\nservices: {}', '2:1: `services` needs at least one service'],
    ['version: 1\nservices: { s: {} }', '2:13: the service `s` needs `handlers` or `every`'],
    ['version: 1\nservices:', '2:1: `services` is empty; it must be a map of keys'],
    ['version: 1\nservices: { s: { handlers: { h: {} } } }', '2:30: `subscribe` is missing in `h`'],
    [
      'version: 1\nservices: { s: { handlers: { "my handler": { subscribe: a } } } }',
      '2:30: `my handler` must be made of letters, digits, _ and -',
    ],
    [
      'version: 1\nservices: { my.service: { handlers: { h: { subscribe: a } } } }',
      '2:13: `my.service` must be made of letters, digits, _ and -',
    ],
  ])('%j', (text, message) => {
    expect(messagesOf(`${text}\n`)).toEqual([message]);
  });

  test.each([
    ['subscribe: []', '6:20: `subscribe` must not be an empty list'],
    ['subscribe: [a.b, a.b]', '6:26: `a.b` is subscribed twice'],
    ['subscribe: 5', '6:20: `subscribe` must be text, not 5'],
    [
      'subscribe: "a..b"',
      '6:20: `subscribe` must be an event type such as `index.started`, or a pattern such as `index.*`, not `a..b`',
    ],
    [
      'subscribe: [a.b, "a b"]',
      '6:26: `subscribe[1]` must be an event type such as `index.started`, or a pattern such as `index.*`, not `a b`',
    ],
    [
      'subscribe: "a.*b"',
      '6:20: `subscribe` must be an event type such as `index.started`, or a pattern such as `index.*`, not `a.*b`',
    ],
  ])('%s', (line, message) => {
    expect(messagesOf(withHandler(line))).toEqual([message]);
  });

  test.each([
    ['publish: { type: "a.*" }', '7:26: `type` must be one event type, not the pattern `a.*`'],
    ['publish: { payload: {} }', '7:9: `type` is missing in `publish`'],
    ['publish: [{ type: a.b }, { }]', '7:34: `type` is missing in `publish[1]`'],
    ['publish: { type: a.b, payload: [1] }', '7:40: `payload` must be a map of keys, not a list'],
    ['publish:', '7:9: `publish` is empty; it must be a map of keys'],
    ['publish: a.b', '7:18: `publish` must be a map of keys, not `a.b`'],
    ['concurrency: 0', '7:22: `concurrency` must be at least 1, not 0'],
    ['concurrency: -3', '7:22: `concurrency` must be at least 1, not -3'],
    ['concurrency: 1.5', '7:22: `concurrency` must be a whole number, not 1.5'],
    ['concurrency: many', '7:22: `concurrency` must be a number, not `many`'],
    ['concurrency: 99999999', '7:22: `concurrency` must be at most 1000000, not 99999999'],
    ['queue: { size: 5 }', '7:9: `queue` has no effect without `concurrency`: nothing ever waits'],
    ['retry: 3', '7:16: `retry` must be a map of keys, not 3'],
    ['retry: { attempts: 0 }', '7:28: `attempts` must be at least 1, not 0'],
    ['retry: { attempts: 1001 }', '7:28: `attempts` must be at most 1000, not 1001'],
    [
      'retry: { attempts: 2, backoff: expo }',
      '7:40: `backoff` must be `fixed`, `linear` or `exponential`, not `expo`; did you mean `exponential`?',
    ],
    ['when: true', '7:15: `when` must be text, not true'],
    ['module: ""', '7:17: `module` must not be empty'],
  ])('%s', (line, message) => {
    expect(messagesOf(withHandler('subscribe: a.b', line))).toEqual([message]);
  });
});

describe('durations and shares', () => {
  test.each([
    ['80', '`delay` needs a unit: write `80ms`, or with us, s, m, h or d'],
    ['-5', '`delay` needs a unit: write `80ms`, or with us, s, m, h or d'],
    ['80 ms', '`delay` must be a duration such as `80ms`, `2s` or `1m30s`, not `80 ms`'],
    ['-80ms', '`delay` must be a duration such as `80ms`, `2s` or `1m30s`, not `-80ms`'],
    ['80msec', '`delay` must be a duration such as `80ms`, `2s` or `1m30s`, not `80msec`'],
    ['400d', '`delay` must be at most 365 days'],
    ['9999999999999999999999d', '`delay` must be at most 365 days'],
    ['{ min: 5ms, max: 30ms }', '`type` is missing in `delay`: `uniform`, `normal`, `lognormal` or `exponential`'],
    [
      '{ type: gaussian, mean: 5ms }',
      '`type` must be `uniform`, `normal`, `lognormal` or `exponential`, not `gaussian`; did you mean `normal`?',
    ],
    [
      '{ type: fixed, value: 5ms }',
      '`type` must be `uniform`, `normal`, `lognormal` or `exponential`, not `fixed`; a delay that is always the same is written alone, as in `delay: 80ms`',
    ],
    ['{ type: uniform, min: 30ms, max: 5ms }', '`min` must not be above `max`'],
    ['{ type: lognormal, median: 80ms, p99: 40ms }', '`p99` must not be below `median`'],
    ['{ type: lognormal, median: 0ms, p99: 40ms }', '`median` must be longer than 0'],
    ['{ type: exponential }', '`mean` is missing in `delay`'],
    ['{ type: exponential, mean: 5 }', '`mean` needs a unit: write `5ms`, or with us, s, m, h or d'],
    ['[80ms]', '`delay` must be text, not a list'],
  ])('delay: %s', (delay, message) => {
    expect(problemsOf(withHandler('subscribe: a.b', `delay: ${delay}`)).map((problem) => problem.message)).toEqual([
      message,
    ]);
  });

  test.each([
    ['timeout: 0', '`timeout` needs a unit: write `0ms`, or with us, s, m, h or d'],
    ['timeout: "0"', '`timeout` must be longer than 0'],
    ['timeout: 0s', '`timeout` must be longer than 0'],
    [
      'faults: [{ type: error, probability: 5 }]',
      '`probability` must be a percentage such as `5%`, or 0 to 1, not `5`; for 5 percent write `5%`',
    ],
    [
      'faults: [{ type: error, probability: 101% }]',
      '`probability` must be a percentage such as `5%`, or 0 to 1, not `101%`',
    ],
    [
      'faults: [{ type: error, probability: -0.1 }]',
      '`probability` must be a percentage such as `5%`, or 0 to 1, not `-0.1`',
    ],
    [
      'faults: [{ type: error, probability: often }]',
      '`probability` must be a percentage such as `5%`, or 0 to 1, not `often`',
    ],
    [
      'faults: [{ type: latency }]',
      '`type` must be `error`, `hang`, `drop`, `duplicate`, `slow` or `down`, not `latency`; did you mean `slow`?',
    ],
    [
      'faults: [{ probability: 5% }]',
      '`type` is missing in `faults[0]`: `error`, `hang`, `drop`, `duplicate`, `slow` or `down`',
    ],
    ['faults: [{ type: slow }]', '`by` is missing in `faults[0]`'],
    ['faults: [{ type: slow, by: { type: uniform, min: 2s, max: 1s } }]', '`min` must not be above `max`'],
    ['faults: [{ type: down, from: 5s, until: 5s }]', '`until` must be after `from`'],
    ['retry: { attempts: 2, jitter: 120% }', '`jitter` must be a percentage such as `5%`, or 0 to 1, not `120%`'],
  ])('%s', (line, message) => {
    expect(problemsOf(withHandler('subscribe: a.b', line)).map((problem) => problem.message)).toEqual([message]);
  });
});

describe('requests and phases', () => {
  test.each([
    ['requests: [{ flow: [{ think: 1s }] }]', '3:12: `name` is missing in `requests[0]`'],
    ['requests: [{ name: r, flow: [] }]', '3:29: `flow` must not be an empty list'],
    ['requests: [{ name: r, flow: [{ think: 1s }], weight: 0 }]', '3:54: `weight` must be above 0, not 0'],
    [
      'requests: [{ name: r, flow: [{ think: 1s }] }, { name: r, flow: [{ think: 1s }] }]',
      '3:56: there is another request `r`; names are unique',
    ],
    ['requests: [{ name: r, flow: [{}] }]', '3:30: `flow[0]` must be one of `publish`, `think`, `wait_for` and `loop`'],
    [
      'requests: [{ name: r, flow: [think] }]',
      '3:30: `flow[0]` must be one of `publish`, `think`, `wait_for` and `loop`',
    ],
    [
      'requests: [{ name: r, flow: [{ loop: { count: 0, flow: [{ think: 1s }] } }] }]',
      '3:47: `count` must be at least 1, not 0',
    ],
    ['requests: [{ name: r, flow: [{ wait_for: { type: a.b } }] }]', '3:32: `within` is missing in `wait_for`'],
    [
      'requests: [{ name: r, flow: [{ wait_for: { type: a.b, within: 1s, as: name } }] }]',
      '3:71: `name` is a key of `request` already',
    ],
    ['phases: [{ pause: 1s }]', '3:1: `phases` need `requests`: there is nothing to send'],
  ])('%s', (line, message) => {
    expect(messagesOf(withRoot(line))).toEqual([message]);
  });

  test('a step that is two steps is refused', () => {
    expect(messagesOf(withFlow('- { think: 1s, publish: { type: a.b } }'))).toHaveLength(1);
  });

  test.each([
    [
      '{ duration: 1s, arrival_rate: 0 }',
      '`arrival_rate`',
      'no requests arrive at this rate; for a quiet time write `pause`',
    ],
    ['{ duration: 1s, arrival_rate: -1 }', '', '`arrival_rate` must be at least 0, not -1'],
    ['{ duration: 1s, arrival_rate: 1000000 }', '', '`arrival_rate` must be at most 100000, not 1000000'],
    ['{ arrival_rate: 5 }', '', '`duration` is missing in `phases[0]`'],
    ['{ arrival_count: 0 }', '', '`arrival_count` must be at least 1, not 0'],
    ['{ arrival_count: 10000001 }', '', '`arrival_count` must be at most 10000000, not 10000001'],
    ['{ duration: 0s, arrival_rate: 5 }', '', '`duration` must be longer than 0'],
    [
      '{ duration: 1s, arrival_rate: 5, arrivals: random }',
      '',
      '`arrivals` must be `even` or `poisson`, not `random`; did you mean `poisson`?',
    ],
    ['{}', '', '`phases[0]` must say `arrival_rate` and `duration`, or `arrival_count`, or `pause`'],
  ])('the phase %s', (phase, _, message) => {
    const text = withRoot('requests: [{ name: r, flow: [{ think: 1s }] }]', `phases: [${phase}]`);
    expect(problemsOf(text).map((problem) => problem.message)).toEqual([message]);
  });
});

describe('expect', () => {
  test.each([
    [
      '{ event: a.c }',
      '`expect[0]` must say `event` with `after` or `count`, or `never`, or `metric` with `below` or `above`',
    ],
    ['{ event: a.c, within: 2s }', '`after` is missing in `expect[0]`'],
    ['{ event: a.c, after: a.b, whithin: 2s }', 'unknown key `whithin` in `expect[0]`; did you mean `within`?'],
    ['{ event: a.c, count: {} }', '`count` needs `min`, `max` or a number'],
    ['{ event: a.c, count: { min: 5, max: 4 } }', '`min` must not be above `max`'],
    ['{ event: a.c, count: -1 }', '`count` must be at least 0, not -1'],
    ['{ event: a.d, after: a.b }', 'nothing publishes `a.d`; did you mean `a.c`?'],
    [
      '{ never: "a b" }',
      '`never` must be an event type such as `index.started`, or a pattern such as `index.*`, not `a b`',
    ],
    ['{ metric: h.p95 }', 'the metric `h.p95` needs `below` or `above`'],
    ['{ metric: g.p95, below: 1s }', 'there is no handler `g`; did you mean `h`?'],
    ['{ metric: t.h.p95, below: 1s }', 'there is no service `t`; did you mean `s`?'],
    ['{ metric: s.ohter.p95, below: 1s }', 'there is no handler `ohter` in `s`; did you mean `other`?'],
    [
      '{ metric: h.p96, below: 1s }',
      'a handler has `p50`, `p95`, `p99`, `error_rate`, `dead`, `dropped` or `queued`, not `p96`; did you mean `p95`?',
    ],
    [
      '{ metric: eror_rate, below: 1% }',
      'a metric is `error_rate`, `dead` or `dropped`, or [service.]handler.p95 and the like, not `eror_rate`; did you mean `error_rate`?',
    ],
    ['{ metric: a.b.c.p95, below: 1s }', 'a metric is [service.]handler.p95, not `a.b.c.p95`'],
    ['{ metric: h.p95, below: 300 }', '`p95` needs a unit: write `300ms`, or with us, s, m, h or d'],
    [
      '{ metric: error_rate, below: 10 }',
      '`error_rate` must be a percentage such as `5%`, or 0 to 1, not `10`; for 10 percent write `10%`',
    ],
    ['{ metric: h.dead, below: 10% }', '`dead` must be a number, not `10%`'],
    ['{ metric: h.p95, below: 1ms, above: 2ms }', '`below` must be more than `above`'],
    ['never', '`expect[0]` must say `event` with `after` or `count`, or `never`, or `metric` with `below` or `above`'],
  ])('%s', (written, message) => {
    expect(problemsOf(withRoot(`expect: [${written}]`)).map((problem) => problem.message)).toEqual([message]);
  });

  test('a metric of a handler that several services have names them all', () => {
    const text = scenarioText(
      'services:',
      '  a: { handlers: { h: { subscribe: x } } }',
      '  b: { handlers: { h: { subscribe: x } } }',
      'expect: [{ metric: h.p95, below: 1s }]',
    );
    expect(messagesOf(text)).toEqual(['5:20: `h` is a handler of several services; write `a.h.p95` or `b.h.p95`']);
  });

  test('an event that only code or another process could publish is left alone', () => {
    expect(load(withRoot('expect: [{ event: order.paid, after: a.b }, { never: a.d }]')).expect).toHaveLength(2);
    expect(
      load(
        withHandler('subscribe: a.b', 'module: ./x.js', 'publish: { type: a.c }').concat(
          'expect: [{ event: a.d, after: a.b }]\n',
        ),
      ).expect,
    ).toHaveLength(1);
  });
});
