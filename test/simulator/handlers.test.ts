import { expect, test } from 'vitest';
import { GO, story } from './support.js';

test('a handler works for its delay, then publishes in order, in the trace it is part of', async () => {
  const { lines } = await story(`
services:
  a:
    handlers:
      work: { subscribe: go, delay: 80ms, publish: [{ type: one, payload: { n: 1 } }, { type: two }] }
${GO}`);
  expect(lines).toEqual([
    '0 published go by tester in t',
    '0 start a.work#1',
    '80 published one by a in t {"n":1}',
    '80 published two by a in t',
    '80 done a.work#1',
  ]);
});

test('a publishing handler ends without waiting for those who handle its event, and its slot is free', async () => {
  const { lines } = await story(`
services:
  quick: { handlers: { work: { subscribe: go, concurrency: 1, delay: 10ms, publish: { type: next } } } }
  slow: { handlers: { work: { subscribe: next, delay: 1s } } }
requests:
  - { name: go, trace_id: t, flow: [{ publish: { type: go } }, { publish: { type: go } }] }`);
  expect(lines.filter((line) => line.includes('done'))).toEqual([
    '10 done quick.work#1',
    '20 done quick.work#1',
    '1010 done slow.work#1',
    '1020 done slow.work#1',
  ]);
});

test('a queue with overflow block holds the handler that publishes into it', async () => {
  const { lines } = await story(`
services:
  quick: { handlers: { work: { subscribe: go, concurrency: 1, delay: 10ms, publish: { type: next } } } }
  slow: { handlers: { work: { subscribe: next, concurrency: 1, queue: { size: 1, overflow: block }, delay: 1s } } }
requests:
  - { name: go, trace_id: t, flow: [{ publish: { type: go } }, { publish: { type: go } }] }`);
  expect(lines.filter((line) => line.includes('done'))).toEqual([
    '1010 done slow.work#1',
    '1010 done quick.work#1',
    '2020 done slow.work#1',
    '2020 done quick.work#1',
  ]);
});

test('after counts from the end of the handler, holds no slot, and is awaited by the run', async () => {
  const { lines, result } = await story(`
services:
  a:
    handlers:
      work: { subscribe: go, delay: 10ms, publish: [{ type: late, after: 5s }, { type: now }] }
${GO}`);
  expect(lines.slice(2)).toEqual(['10 published now by a in t', '10 done a.work#1', '5010 published late by a in t']);
  expect(result).toMatchObject({ passed: true, duration: 5010 });
});

test('an event for which when is false is taken and left alone', async () => {
  const { lines } = await story(`
services:
  a:
    handlers:
      work: { subscribe: go, when: event.payload.tokens > 0, delay: 10ms, faults: [{ type: error }], publish: { type: next } }
requests:
  - { name: go, trace_id: t, flow: [{ publish: { type: go } }, { publish: { type: go, payload: { tokens: 0 } } }] }`);
  expect(lines.filter((line) => !line.includes('published'))).toEqual([
    '0 start a.work#1',
    '0 done a.work#1',
    '0 start a.work#1',
    '0 done a.work#1',
  ]);
});

test('when on a publication decides about that one alone', async () => {
  const { lines } = await story(`
services:
  a:
    handlers:
      work:
        subscribe: go
        publish: [{ type: big, when: event.payload.size > 10 }, { type: small, when: event.payload.size <= 10 }, { type: any }]
requests:
  - { name: go, trace_id: t, flow: [{ publish: { type: go, payload: { size: 3 } } }] }`);
  expect(lines.filter((line) => line.includes('by a')).map((line) => line.split(' ')[2])).toEqual(['small', 'any']);
});

test('on_error is published once, after the last attempt has ended dead, with the error in scope', async () => {
  const { lines } = await story(`
services:
  a:
    handlers:
      work:
        subscribe: go
        delay: 10ms
        retry: { attempts: 2, delay: 50ms }
        faults: [{ type: error, message: disk full }]
        publish: { type: never }
        on_error: { type: failed, payload: { error: "{{ error.message }}", name: "{{ error.name }}", of: "{{ event.type }}" } }
${GO}`);
  expect(lines).toEqual([
    '0 published go by tester in t',
    '0 start a.work#1',
    '10 fail a.work#1 (error): disk full, again',
    '60 start a.work#2',
    '70 fail a.work#2 (error): disk full',
    '70 dead a.work#2',
    '70 published failed by a in t {"error":"disk full","name":"SimulatedFault","of":"go"}',
  ]);
});

test('on_error also follows a timeout, is caused by the delivery that failed, and belongs to its cascade', async () => {
  const causes: unknown[] = [];
  let delivery = '';
  const { lines, result } = await story(
    `
services:
  a:
    handlers:
      work: { subscribe: go, delay: 3s, timeout: 1s, publish: { type: never }, on_error: [{ type: failed, after: 2s }] }
${GO}
expect: [{ event: failed, after: go, within: 3s }]`,
    {
      observers: [
        {
          started: ({ id }) => {
            delivery = id;
          },
          published: (event) => causes.push(event.causationDeliveryId),
        },
      ],
    },
  );
  expect(lines.slice(2)).toEqual([
    '1000 fail a.work#1: a.work timed out after 1000 ms',
    '3000 published failed by a in t',
  ]);
  expect(causes).toEqual([undefined, delivery]);
  expect(result.passed).toBe(true);
});

test('a handler that takes exactly its timeout is timed out, and publishes nothing later', async () => {
  const { lines } = await story(`
services:
  a: { handlers: { work: { subscribe: go, delay: 1s, timeout: 1s, publish: { type: never } } } }
${GO}`);
  expect(lines.at(-1)).toBe('1000 fail a.work#1: a.work timed out after 1000 ms');
});

test('sequence counts the deliveries of a handler; another attempt keeps its number', async () => {
  const { lines } = await story(`
services:
  a:
    handlers:
      work:
        subscribe: go
        delay: 10ms
        retry: { attempts: 2, delay: 1s }
        faults: [{ type: down, from: 0s, until: 15ms }]
        publish: { type: next, payload: { number: "{{ sequence }}" } }
requests:
  - { name: go, trace_id: t, flow: [{ publish: { type: go } }, { think: 20ms }, { publish: { type: go } }] }`);
  expect(lines.filter((line) => line.includes('next'))).toEqual([
    '30 published next by a in t {"number":2}',
    '1010 published next by a in t {"number":1}',
  ]);
});

test('a template that fails fails the attempt, publishes none of its events, and is told of with its place', async () => {
  const { lines, result } = await story(`
services:
  a:
    handlers:
      work:
        subscribe: go
        publish: [{ type: one }, { type: two, payload: { x: "{{ event.payload.missing }}" } }]
        on_error: { type: failed, payload: { x: "{{ event.payload.missing_too }}" } }
${GO}`);
  expect(lines.filter((line) => line.includes('by a'))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^0 fail a\.work#1: test\.yaml:9:\d+: .*missing/);
  expect(result.problems).toEqual([
    { message: expect.stringMatching(/^test\.yaml:9:\d+: .*`missing`/), count: 1 },
    { message: expect.stringMatching(/^test\.yaml:10:\d+: .*`missing_too`/), count: 1 },
  ]);
});

test('a service publishes by itself after each interval, every time in a trace of its own, until the traffic is stopped', async () => {
  const { lines, result } = await story(
    `
services:
  clock:
    every: [{ interval: 5s, publish: [{ type: tick, payload: { n: "{{ sequence }}" } }, { type: tock, after: 1s }] }]`,
    { duration: 12_000 },
  );
  expect(lines.map((line) => line.replace(/trace-\w+-/, ''))).toEqual([
    '5000 published tick by clock in 1 {"n":1}',
    '6000 published tock by clock in 1',
    '10000 published tick by clock in 2 {"n":2}',
    '11000 published tock by clock in 2',
  ]);
  expect(result).toMatchObject({ passed: true, duration: 12_000 });
});

test('a scenario that only publishes by itself never ends in virtual time, which is said at once', async () => {
  const run = story('services: { clock: { every: { interval: 5s, publish: { type: tick } } } }');
  await expect(run).rejects.toMatchObject({ code: 'USAGE', hint: expect.stringContaining('--duration') });
});

test('a queue with one server holds requests as long as queueing theory says', async () => {
  let waited = 0;
  let served = 0;
  await story(
    `
services: { server: { handlers: { serve: { subscribe: job, concurrency: 1, delay: { type: exponential, mean: 10ms } } } } }
requests: [{ name: job, flow: [{ publish: { type: job } }] }]
phases: [{ duration: 600s, arrival_rate: 50, arrivals: poisson }]`,
    {
      observers: [
        {
          started: ({ queuedMs }) => {
            waited += queuedMs;
            served++;
          },
        },
      ],
    },
  );
  // M/M/1, half busy: the mean wait is 0.5 / (100/s - 50/s) = 10 ms.
  expect(waited / served).toBeGreaterThan(9.5);
  expect(waited / served).toBeLessThan(10.5);
});
