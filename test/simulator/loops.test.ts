import { expect, test } from 'vitest';
import { SIMULATION_LIMITS } from '../../src/simulator/index.js';
import { story } from './support.js';

const PING_PONG = (delay: string) => `
services:
  a: { handlers: { ping: { subscribe: ball.left, delay: ${delay}, publish: { type: ball.right } } } }
  b: { handlers: { pong: { subscribe: ball.right, delay: ${delay}, publish: { type: ball.left } } } }
requests: [{ name: serve, flow: [{ publish: { type: ball.left } }] }]`;

test.each(['0ms', '10ms'])(
  'services that trigger each other without end are stopped, with the cycle named (delay %s)',
  async (delay) => {
    const { result } = await story(PING_PONG(delay));
    expect(result).toMatchObject({
      passed: false,
      failure: {
        code: 'EVENT_LOOP',
        message: expect.stringMatching(/more than 1000 events.*ball\.left → ball\.right → ball\.left/),
      },
      events: 1_000,
    });
  },
);

test('a cascade that multiplies is stopped at a bound, before it fills the memory', async () => {
  const before = process.cpuUsage();
  const { result } = await story(`
services: { a: { handlers: { breed: { subscribe: rabbit, publish: [{ type: rabbit }, { type: rabbit }] } } } }
requests: [{ name: one, flow: [{ publish: { type: rabbit } }] }]`);
  expect(result).toMatchObject({ failure: { code: 'EVENT_LOOP' }, events: SIMULATION_LIMITS.events, passed: false });
  // A quarter of a second on this kind of machine; the rest is room for a slower one.
  expect(process.cpuUsage(before).user).toBeLessThan(1_500_000);
});

test('a loop through delayed events is stopped too, and the rest of the run with it', async () => {
  const { result } = await story(`
services: { a: { handlers: { again: { subscribe: go, publish: { type: go, after: 1s } } } } }
requests: [{ name: one, flow: [{ publish: { type: go } }, { think: 10h }, { publish: { type: later } }] }]`);
  expect(result).toMatchObject({ failure: { code: 'EVENT_LOOP' }, traffic: { cancelled: 1 } });
  expect(result.duration).toBe(1_000_000 - 1_000);
});

test('a loop in a module ends the run even where the module swallows the error', async () => {
  const { result } = await story(
    `
services: { a: { handlers: { again: { subscribe: go, module: ./again.js } } } }
requests: [{ name: one, flow: [{ publish: { type: go } }] }]`,
    {
      allowModules: true,
      loadModule: async () => ({
        default: (_event: unknown, { publish }: { publish: (input: { type: string }) => Promise<unknown> }) =>
          publish({ type: 'go' }).catch(() => {}),
      }),
    },
  );
  expect(result).toMatchObject({ failure: { code: 'EVENT_LOOP' }, passed: false });
});

test('the bounds can be set', async () => {
  const { result } = await story(PING_PONG('1ms'), { limits: { depth: 5 } });
  expect(result).toMatchObject({ failure: { code: 'EVENT_LOOP' }, events: 5 });
});
