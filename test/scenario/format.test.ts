import { describe, expect, test } from 'vitest';
import { handlerOf, load, scenarioText, withFlow, withHandler, withRoot } from './helpers.js';

const SCOPE = {
  variables: { repo: '/srv/web' },
  event: { id: 'e1', type: 'a.b', source: 'x', trace_id: 't', timestamp: 5, payload: { repo_path: '/srv', tokens: 7 } },
  error: { name: 'Error', message: 'disk full' },
  sequence: 3,
};

describe('the root of a scenario', () => {
  test('version, name, seed and variables are taken as written', () => {
    const scenario = load(
      withRoot('name: Index a repository', 'seed: 42', 'variables: { repo: /srv/web, limits: { tokens: 5 }, on: NO }'),
    );
    expect(scenario).toMatchObject({ version: 1, name: 'Index a repository', seed: 42, file: 'test.yaml' });
    expect(scenario.variables).toEqual(
      new Map<string, unknown>([
        ['repo', '/srv/web'],
        ['limits', { tokens: 5 }],
        ['on', 'NO'],
      ]),
    );
  });

  test('a scenario without a name is called like its file, and without a seed has none', () => {
    expect(load(withRoot())).toMatchObject({ name: 'test', seed: undefined, requests: [], phases: [], expect: [] });
  });
});

describe('a handler', () => {
  test('subscribes to one event type, several, or patterns', () => {
    expect(handlerOf(withHandler('subscribe: index.started')).subscribe).toEqual(['index.started']);
    expect(handlerOf(withHandler('subscribe: [index.*, "**", llm.error]')).subscribe).toEqual([
      'index.*',
      '**',
      'llm.error',
    ]);
  });

  test('without more than subscribe works at once, without limits', () => {
    expect(handlerOf(withHandler('subscribe: a.b'))).toMatchObject({
      name: 'h',
      service: 's',
      delay: { type: 'constant', value: 0 },
      concurrency: undefined,
      queue: undefined,
      timeout: undefined,
      retry: undefined,
      faults: [],
      publish: [],
      onError: [],
      when: undefined,
      module: undefined,
      position: { file: 'test.yaml', line: 5, column: 7 },
    });
  });

  test.each([
    ['80ms', { type: 'constant', value: 80 }],
    ['1m30s', { type: 'constant', value: 90_000 }],
    ['{ type: uniform, min: 5ms, max: 30ms }', { type: 'uniform', min: 5, max: 30 }],
    ['{ type: normal, mean: 1s, stddev: 50ms }', { type: 'normal', mean: 1_000, stddev: 50 }],
    ['{ type: lognormal, median: 80ms, p99: 400ms }', { type: 'lognormal', median: 80, p99: 400 }],
    ['{ type: exponential, mean: 250us }', { type: 'exponential', mean: 0.25 }],
  ])('takes the delay %s', (written, delay) => {
    expect(handlerOf(withHandler('subscribe: a.b', `delay: ${written}`)).delay).toEqual(delay);
  });

  test('has concurrency, a bounded queue and a timeout', () => {
    const handler = handlerOf(
      withHandler('subscribe: a.b', 'concurrency: 2', 'queue: { size: 10, overflow: drop_oldest }', 'timeout: 2s'),
    );
    expect(handler).toMatchObject({ concurrency: 2, queue: { size: 10, overflow: 'drop_oldest' }, timeout: 2_000 });
  });

  test('a queue blocks unless it says otherwise', () => {
    expect(handlerOf(withHandler('subscribe: a.b', 'concurrency: 1', 'queue: { size: 0 }')).queue).toEqual({
      size: 0,
      overflow: 'block',
    });
  });

  test('retries with attempts, backoff, delay, max_delay and jitter', () => {
    const written = 'retry: { attempts: 3, backoff: exponential, delay: 50ms, max_delay: 1s, jitter: 20% }';
    expect(handlerOf(withHandler('subscribe: a.b', written)).retry).toEqual({
      attempts: 3,
      backoff: 'exponential',
      delay: 50,
      maxDelay: 1_000,
      jitter: 0.2,
    });
    expect(handlerOf(withHandler('subscribe: a.b', 'retry: { attempts: 2 }')).retry).toEqual({
      attempts: 2,
      backoff: 'fixed',
      delay: 0,
      maxDelay: 30_000,
      jitter: 0,
    });
  });

  test('has faults of every kind, each with its probability', () => {
    const handler = handlerOf(
      withHandler(
        'subscribe: a.b',
        'faults:',
        '  - { type: error, probability: 5%, message: disk full }',
        '  - { type: hang, probability: 0.01 }',
        '  - { type: drop, probability: 100% }',
        '  - { type: duplicate, probability: 2.5% }',
        '  - { type: slow, probability: 1, by: 300ms }',
        '  - { type: slow, by: { type: exponential, mean: 1s } }',
        '  - { type: down, from: 10s, until: 20s }',
        '  - { type: down }',
      ),
    );
    expect(handler.faults).toEqual([
      { type: 'error', probability: 0.05, message: 'disk full' },
      { type: 'hang', probability: 0.01 },
      { type: 'drop', probability: 1 },
      { type: 'duplicate', probability: 0.025 },
      { type: 'slow', probability: 1, by: { type: 'constant', value: 300 } },
      { type: 'slow', probability: 1, by: { type: 'exponential', mean: 1_000 } },
      { type: 'down', probability: 1, from: 10_000, until: 20_000 },
      { type: 'down', probability: 1, from: 0, until: Number.POSITIVE_INFINITY },
    ]);
  });

  test('publishes events with payloads made from the handled event, at once or later, on a condition', () => {
    const handler = handlerOf(
      withHandler(
        'subscribe: a.b',
        'publish:',
        '  - { type: index.updated, payload: { path: "{{ event.payload.repo_path }}", files: 150 } }',
        '  - { type: index.completed, after: 20ms, when: event.payload.tokens > 5 }',
      ),
    );
    const [updated, completed] = handler.publish;
    expect(updated).toMatchObject({
      type: 'index.updated',
      after: undefined,
      when: undefined,
      position: { line: 8, column: 13 },
    });
    expect(updated?.payload(SCOPE)).toEqual({ path: '/srv', files: 150 });
    expect(completed).toMatchObject({ type: 'index.completed', after: 20 });
    expect(completed?.when?.(SCOPE)).toBe(true);
    expect(completed?.payload(SCOPE)).toEqual({});
  });

  test('one publication needs no list', () => {
    expect(handlerOf(withHandler('subscribe: a.b', 'publish: { type: a.c }')).publish).toHaveLength(1);
  });

  test('publishes on_error with the error’s message', () => {
    const handler = handlerOf(
      withHandler(
        'subscribe: a.b',
        'on_error:',
        '  - { type: index.failed, payload: { error: "{{ error.message }}" } }',
      ),
    );
    expect(handler.onError[0]?.payload(SCOPE)).toEqual({ error: 'disk full' });
  });

  test('handles an event only when its condition holds', () => {
    const { when } = handlerOf(withHandler('subscribe: a.b', 'when: event.payload.tokens > 6'));
    expect(when?.(SCOPE)).toBe(true);
    expect(when?.({ ...SCOPE, event: { ...SCOPE.event, payload: {} } })).toBe(false);
  });

  test('may be the user’s own module, relative to the scenario file', () => {
    const { module } = handlerOf(withHandler('subscribe: a.b', 'module: ./handlers/real-code.js'));
    expect(module).toMatchObject({ specifier: './handlers/real-code.js', position: { line: 7, column: 17 } });
    expect(module?.path).toBe(`${process.cwd()}/handlers/real-code.js`);
  });
});

test('a service publishes by itself, at an interval', () => {
  const scenario = load(
    scenarioText(
      'services:',
      '  heart:',
      '    every:',
      '      interval: 5s',
      '      publish: [{ type: health.check, payload: { n: "{{ sequence }}" } }]',
    ),
  );
  const [every] = scenario.services.get('heart')?.every ?? [];
  expect(every).toMatchObject({ interval: 5_000, position: { line: 4, column: 5 } });
  expect(every?.publish[0]?.payload({ variables: {}, sequence: 2 })).toEqual({ n: 2 });
});

test('a service may publish several things at several intervals', () => {
  const scenario = load(
    scenarioText(
      'services:',
      '  heart:',
      '    every:',
      '      - { interval: 1s, publish: { type: a.b } }',
      '      - { interval: 2s, publish: { type: a.c } }',
    ),
  );
  expect(scenario.services.get('heart')?.every.map(({ interval }) => interval)).toEqual([1_000, 2_000]);
});

describe('a request', () => {
  test('has a name, a weight, a source and a trace id', () => {
    const scenario = load(
      withRoot(
        'requests:',
        '  - { name: index, weight: 2.5, source: api_gateway, trace_id: "req-{{ sequence }}", flow: [{ think: 1s }] }',
      ),
    );
    const [request] = scenario.requests;
    expect(request).toMatchObject({ name: 'index', weight: 2.5, position: { line: 4, column: 5 } });
    expect(request?.source(SCOPE)).toBe('api_gateway');
    expect(request?.traceId?.(SCOPE)).toBe('req-3');
  });

  test('weighs 1, is its own source and gets a made-up trace id unless it says otherwise', () => {
    const [request] = load(withFlow('- think: 1s')).requests;
    expect(request).toMatchObject({ weight: 1, traceId: undefined });
    expect(request?.source(SCOPE)).toBe('r');
  });

  test('flows through publish, think, wait_for and loop', () => {
    const [request] = load(
      withFlow(
        '- publish: { type: a.b, payload: { n: "{{ sequence }}" }, when: sequence > 2 }',
        '- think: 200ms',
        '- wait_for: { type: a.c, within: 5s, as: answer }',
        '- loop:',
        '    count: 3',
        '    flow:',
        '      - publish: { type: a.d, payload: { was: "{{ request.answer.payload.x }}" } }',
        '      - think: { type: exponential, mean: 10ms }',
      ),
    ).requests;
    const [publish, think, wait, loop] = request?.flow ?? [];
    expect(publish).toMatchObject({ type: 'publish', event: 'a.b', position: { line: 6, column: 9 } });
    expect(publish?.type === 'publish' && publish.payload(SCOPE)).toEqual({ n: 3 });
    expect(publish?.type === 'publish' && publish.when?.(SCOPE)).toBe(true);
    expect(think).toMatchObject({ type: 'think', time: { type: 'constant', value: 200 } });
    expect(wait).toMatchObject({ type: 'wait_for', event: 'a.c', within: 5_000, as: 'answer' });
    expect(loop).toMatchObject({
      type: 'loop',
      count: 3,
      flow: [{ type: 'publish', event: 'a.d' }, { type: 'think' }],
    });
  });
});

test('phases are constant, ramps, counts and pauses', () => {
  const scenario = load(
    withRoot(
      'requests: [{ name: r, flow: [{ publish: { type: a.b } }] }]',
      'phases:',
      '  - { name: warm-up, duration: 10s, arrival_rate: 2 }',
      '  - { name: ramp, duration: 30s, arrival_rate: 2, ramp_to: 20, arrivals: poisson }',
      '  - { name: burst, arrival_count: 100, duration: 1s }',
      '  - { arrival_count: 3 }',
      '  - { pause: 5s }',
    ),
  );
  expect(scenario.phases.map(({ position, ...phase }) => phase)).toEqual([
    { type: 'constant', name: 'warm-up', duration: 10_000, arrivalRate: 2, arrivals: 'even' },
    { type: 'ramp', name: 'ramp', duration: 30_000, arrivalRate: 2, rampTo: 20, arrivals: 'poisson' },
    { type: 'count', name: 'burst', arrivalCount: 100, duration: 1_000, arrivals: 'even' },
    { type: 'count', name: undefined, arrivalCount: 3, duration: 0, arrivals: 'even' },
    { type: 'pause', name: undefined, duration: 5_000 },
  ]);
  expect(scenario.phases[4]?.position).toEqual({ file: 'test.yaml', line: 9, column: 5 });
});

describe('expect', () => {
  const expectationOf = (written: string) => {
    const [expectation] = load(withRoot(`expect: [${written}]`)).expect;
    if (expectation === undefined) throw new Error('no expectation');
    const { position, ...rest } = expectation;
    expect(position).toEqual({ file: 'test.yaml', line: 3, column: 10 });
    return rest;
  };

  test.each([
    [
      '{ event: a.c, after: a.b, within: 2s }',
      { type: 'after', event: 'a.c', after: 'a.b', within: 2_000, text: 'a.c after a.b within 2s' },
    ],
    [
      '{ event: a.c, after: a.* }',
      { type: 'after', event: 'a.c', after: 'a.*', within: undefined, text: 'a.c after a.*' },
    ],
    [
      '{ event: a.c, count: { min: 1 } }',
      { type: 'count', event: 'a.c', min: 1, max: Number.POSITIVE_INFINITY, text: 'count of a.c at least 1' },
    ],
    [
      '{ event: a.c, count: { max: 4 } }',
      { type: 'count', event: 'a.c', min: 0, max: 4, text: 'count of a.c at most 4' },
    ],
    [
      '{ event: a.c, count: { min: 2, max: 4 } }',
      { type: 'count', event: 'a.c', min: 2, max: 4, text: 'count of a.c from 2 to 4' },
    ],
    ['{ event: a.c, count: 3 }', { type: 'count', event: 'a.c', min: 3, max: 3, text: 'count of a.c is 3' }],
    ['{ never: "*.failed" }', { type: 'never', event: '*.failed', text: 'never *.failed' }],
  ])('takes %s', (written, expectation) => {
    expect(expectationOf(written)).toEqual(expectation);
  });

  test.each([
    [
      '{ metric: h.p95, below: 300ms }',
      { of: 'handler', service: 's', handler: 'h', measure: 'p95' },
      { below: 300, above: undefined },
    ],
    [
      '{ metric: s.h.p50, above: 1ms, below: 1s }',
      { of: 'handler', service: 's', handler: 'h', measure: 'p50' },
      { below: 1_000, above: 1 },
    ],
    [
      '{ metric: h.p99, below: 2s }',
      { of: 'handler', service: 's', handler: 'h', measure: 'p99' },
      { below: 2_000, above: undefined },
    ],
    [
      '{ metric: h.dead, below: 1 }',
      { of: 'handler', service: 's', handler: 'h', measure: 'dead' },
      { below: 1, above: undefined },
    ],
    [
      '{ metric: h.dropped, above: 0 }',
      { of: 'handler', service: 's', handler: 'h', measure: 'dropped' },
      { below: undefined, above: 0 },
    ],
    [
      '{ metric: h.queued, below: 11 }',
      { of: 'handler', service: 's', handler: 'h', measure: 'queued' },
      { below: 11, above: undefined },
    ],
    [
      '{ metric: h.error_rate, below: 10% }',
      { of: 'handler', service: 's', handler: 'h', measure: 'error_rate' },
      { below: 0.1, above: undefined },
    ],
    ['{ metric: error_rate, below: 0.1 }', { of: 'run', measure: 'error_rate' }, { below: 0.1, above: undefined }],
    ['{ metric: dead, below: 1 }', { of: 'run', measure: 'dead' }, { below: 1, above: undefined }],
    ['{ metric: dropped, below: 1 }', { of: 'run', measure: 'dropped' }, { below: 1, above: undefined }],
  ])('takes %s', (written, metric, limits) => {
    expect(expectationOf(written)).toMatchObject({ type: 'metric', metric, ...limits });
  });

  test('a metric says in words what it asks for', () => {
    expect(expectationOf('{ metric: h.p95, above: 1ms, below: 300ms }').text).toBe('h.p95 above 1ms and below 300ms');
  });
});
