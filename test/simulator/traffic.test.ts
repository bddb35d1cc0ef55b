import { expect, test } from 'vitest';
import { Ids, seededRandom, VirtualClock } from '../../src/kernel/index.js';
import { createSimulatedBus, createSimulation } from '../../src/simulator/index.js';
import { scenarioOf, story, verdicts } from './support.js';

const ECHO =
  'services: { echo: { handlers: { answer: { subscribe: ask, delay: 100ms, publish: { type: answer, payload: { to: "{{ event.payload.from }}" } } } } } }';

test('without phases each request comes once, at the start, in the order of the file', async () => {
  const { lines, result } = await story(`${ECHO}
requests:
  - { name: one, weight: 5, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: a } }] }
  - { name: two, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: b } }] }`);
  expect(lines).toEqual(['0 published a by one in t-1', '0 published b by two in t-2']);
  expect(result.traffic).toMatchObject({ started: 2, completed: 2, failed: 0, cancelled: 0 });
});

test('a request without a trace id gets one, and its events share it', async () => {
  const traces = new Set<string>();
  await story(
    `${ECHO}\nrequests: [{ name: one, flow: [{ publish: { type: ask, payload: { from: x } } }, { publish: { type: b } }] }]`,
    {
      observers: [{ published: ({ traceId }) => traces.add(traceId) }],
    },
  );
  expect(traces.size).toBe(1);
});

test('a flow thinks, loops and publishes with variables, request and sequence in scope', async () => {
  const { lines } = await story(`${ECHO}
variables: { repo: web }
requests:
  - name: one
    source: "user-{{ sequence }}"
    trace_id: t
    flow:
      - loop:
          count: 2
          flow:
            - publish: { type: a, payload: { repo: "{{ variables.repo }}", name: "{{ request.name }}", trace: "{{ request.trace_id }}", n: "{{ sequence }}" } }
            - think: 50ms
      - publish: { type: b }`);
  const payload = '{"repo":"web","name":"one","trace":"t","n":1}';
  expect(lines).toEqual([
    `0 published a by user-1 in t ${payload}`,
    `50 published a by user-1 in t ${payload}`,
    '100 published b by user-1 in t',
  ]);
});

test('wait_for goes on when the event comes, and captures it for later steps', async () => {
  const { lines } = await story(`${ECHO}
requests:
  - name: one
    trace_id: t
    flow:
      - publish: { type: ask, payload: { from: me } }
      - wait_for: { type: answer, within: 1s, as: reply }
      - publish: { type: done, payload: { by: "{{ request.reply.source }}", to: "{{ request.reply.payload.to }}" } }`);
  expect(lines.filter((line) => line.includes('published done'))).toEqual([
    '100 published done by one in t {"by":"echo","to":"me"}',
  ]);
});

test('wait_for waits for its own trace alone', async () => {
  const { lines } = await story(`${ECHO}
requests:
  - { name: one, trace_id: t1, flow: [{ think: 10ms }, { publish: { type: ask, payload: { from: 1 } } }] }
  - { name: two, trace_id: t2, flow: [{ think: 30ms }, { publish: { type: ask, payload: { from: 2 } } }, { wait_for: { type: answer, within: 1s, as: a } }, { publish: { type: got, payload: { to: "{{ request.a.payload.to }}" } } }] }`);
  expect(lines.filter((line) => line.includes('got'))).toEqual(['130 published got by two in t2 {"to":2}']);
});

test('wait_for also finds an event that came before the step, each event once', async () => {
  const { lines, result } = await story(`${ECHO}
requests:
  - name: one
    trace_id: t
    flow:
      - publish: { type: ask, payload: { from: first } }
      - publish: { type: ask, payload: { from: second } }
      - think: 500ms
      - loop: { count: 2, flow: [{ wait_for: { type: answer, within: 1s, as: a } }, { publish: { type: got, payload: { to: "{{ request.a.payload.to }}" } } }] }
      - wait_for: { type: answer, within: 1s }`);
  expect(lines.filter((line) => line.includes('got'))).toEqual([
    '500 published got by one in t {"to":"first"}',
    '500 published got by one in t {"to":"second"}',
  ]);
  expect(result.traffic).toMatchObject({
    failed: 1,
    failures: [
      {
        request: 'one',
        sequence: 1,
        traceId: 't',
        message: expect.stringMatching(/^test\.yaml:12:\d+: no answer within 1s$/),
      },
    ],
  });
  expect(result.duration).toBe(1_500);
});

test('arrivals do not wait for the system', async () => {
  const { result } = await story(`
services: { slow: { handlers: { work: { subscribe: ask, delay: 1h } } } }
requests: [{ name: one, flow: [{ publish: { type: ask } }, { wait_for: { type: never, within: 2h } }] }]
phases: [{ duration: 10s, arrival_rate: 10 }]`);
  expect(result.traffic).toMatchObject({ started: 100, failed: 100 });
  expect(result.deliveries).toBe(100);
});

test('phases follow each other, and the run lasts as long as they do', async () => {
  const at: number[] = [];
  const { result } = await story(
    `${ECHO}
requests: [{ name: one, flow: [{ publish: { type: a } }] }]
phases: [{ duration: 1s, arrival_rate: 2 }, { pause: 5s }, { arrival_count: 3, duration: 0s }, { pause: 500ms }]`,
    {
      observers: [{ published: ({ timestamp }) => at.push(timestamp - 946_684_800_000) }],
    },
  );
  expect(at).toEqual([0, 500, 6_000, 6_000, 6_000]);
  expect(result.duration).toBe(6_500);
});

test('requests are chosen by weight', async () => {
  const counts: Record<string, number> = {};
  await story(
    `${ECHO}
requests:
  - { name: often, weight: 3, flow: [{ publish: { type: a } }] }
  - { name: rarely, flow: [{ publish: { type: b } }] }
phases: [{ arrival_count: 10000, duration: 1s }]`,
    {
      observers: [
        {
          published: ({ type }) => {
            counts[type] = (counts[type] ?? 0) + 1;
          },
        },
      ],
    },
  );
  expect(Math.abs((counts.a ?? 0) - 7_500)).toBeLessThan(5 * Math.sqrt(10_000 * 0.75 * 0.25));
});

test('a duration cuts requests off, and what is under way still ends', async () => {
  const { lines, result } = await story(
    `${ECHO}
requests: [{ name: one, trace_id: t, flow: [{ loop: { count: 100, flow: [{ publish: { type: ask, payload: { from: 1 } } }, { think: 1s }] } }] }]`,
    {
      duration: 1_050,
    },
  );
  expect(lines.at(-1)).toBe('1100 done echo.answer#1');
  expect(result).toMatchObject({ passed: true, duration: 1_100, traffic: { started: 1, cancelled: 1 } });
});

test('a template that fails in a flow fails that request, with its place', async () => {
  const { result } = await story(`${ECHO}
requests: [{ name: one, flow: [{ publish: { type: a } }, { wait_for: { type: a, within: 1s, as: a } }, { publish: { type: b, payload: { x: "{{ request.a.payload.nope }}" } } }] }]`);
  expect(result.traffic).toMatchObject({ failed: 1, failures: [{ message: expect.stringContaining('test.yaml:4:') }] });
  expect(result.problems).toHaveLength(1);
});

test('thousands of requests that wait for something do not slow each other down', async () => {
  const { result } = await story(`${ECHO}
requests: [{ name: one, trace_id: "t-{{ sequence }}", flow: [{ publish: { type: ask, payload: { from: 1 } } }, { wait_for: { type: answer, within: 1h } }] }]
phases: [{ arrival_count: 20000, duration: 0s }]
expect: [{ event: answer, after: ask, within: 100ms }]`);
  // A look at each of 20,000 waits for each of 40,000 events would take minutes.
  expect(verdicts(result)).toEqual(['passed: answer followed ask within 100ms in all 20000 traces']);
  expect(result.traffic.completed).toBe(20_000);
});

test('progress tells phase, time and requests while a run is under way', async () => {
  const clock = new VirtualClock();
  const ids = new Ids('test');
  const random = seededRandom(1);
  const bus = createSimulatedBus({ clock, ids, random });
  const scenario = scenarioOf(`${ECHO}
requests: [{ name: one, flow: [{ publish: { type: ask, payload: { from: 1 } } }, { think: 1s }] }]
phases: [{ name: calm, duration: 2s, arrival_rate: 1 }, { duration: 2s, arrival_rate: 2 }]`);
  const simulation = createSimulation({ scenario, bus, clock, ids, random });
  await simulation.start();
  await clock.drive({ until: () => clock.now() >= 500 });
  expect(simulation.progress()).toEqual({
    elapsed: 1_000,
    planned: 4_000,
    phase: 'calm',
    started: 1,
    active: 0,
    completed: 1,
    failed: 0,
    events: 2,
    over: false,
  });
  await clock.drive();
  expect(simulation.progress()).toMatchObject({ started: 6, active: 0, completed: 6, phase: undefined, over: true });
});
