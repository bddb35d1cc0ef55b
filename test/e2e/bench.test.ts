import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { Pty } from '../dashboard/support/pty.js';
import { BIN, cfBus, ROOT, tempDir } from '../support/cli.js';

interface Way {
  readonly name: string;
  readonly requests: number;
  readonly latency_us: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  readonly requests_per_second: number;
}

it('measures an HTTP call and an event, with and without the log, and the event is faster', async () => {
  const { stdout, stderr, code } = await cfBus(['bench', '--duration', '1s', '--json']);
  expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
  const { ways, ...about } = JSON.parse(stdout);
  expect(about).toMatchObject({ node: process.version, duration_ms: 1_000, in_flight: 32 });
  expect(ways.map(({ name }: Way) => name)).toEqual(['http', 'bus', 'bus_log', 'bus_full_log']);
  for (const { requests, latency_us, requests_per_second } of ways as Way[]) {
    expect(requests).toBeGreaterThan(0);
    expect(requests_per_second).toBeGreaterThan(0);
    const { p50, p95, p99, max } = latency_us;
    expect([p50, p95, p99, max]).toEqual([p50, p95, p99, max].sort((a, b) => a - b));
    expect(p50).toBeGreaterThan(0);
  }
  const [http, bus] = ways;
  expect(bus.latency_us.p50).toBeLessThan(http.latency_us.p50);
  expect(bus.requests_per_second).toBeGreaterThan(http.requests_per_second);
});

it("prints the guide's table, in ASCII where that is asked for", async () => {
  const { stdout, code } = await cfBus(['bench', '--duration', '500ms', '--ascii']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^HTTP call on loopback +[\d.]+(us|ms) .* #+$/m);
  expect(stdout).toMatch(/^event bus +[\d.]+us .* #+ {2}[\d.,]+ times less$/m);
  for (const aspect of ['Latency', 'Scalability', 'Coupling', 'Debugging', 'Reliability']) {
    expect(stdout).toMatch(new RegExp(`^${aspect} `, 'm'));
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is what must not be there.
  expect(stdout).toMatch(/^[\x00-\x7f]*$/);
});

it('shows its progress on a terminal, ends at Ctrl-C, and leaves nothing behind', async () => {
  const temporary = join(tempDir(), 'tmp');
  mkdirSync(temporary);
  const pty = new Pty(process.execPath, [BIN, 'bench', '--duration', '20s'], { env: { TMPDIR: temporary } });
  onTestFinished(() => pty.dispose());
  await pty.sees(/\d+% {2}event bus: latency/, 20_000);
  expect(readdirSync(temporary)).not.toEqual([]);
  pty.type('\u0003');
  await pty.until(() => pty.exit);
  expect(pty.exit).toMatchObject({ exitCode: 130 });
  expect(readdirSync(temporary)).toEqual([]);
  expect(pty.screen()).not.toContain('%');
}, 40_000);

it('refuses a time that is too short to measure in', async () => {
  expect(await cfBus(['bench', '--duration', '10ms'], { cwd: ROOT })).toMatchObject({
    stdout: '',
    stderr: "cf-bus: option '--duration <time>' argument '10ms' is invalid. It must be 200ms or more.\n",
    code: 2,
  });
});

it('shows examples in its help, and only what is for people', async () => {
  const { stdout, code } = await cfBus(['bench', '--help']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/Examples:\n {2}cf-bus bench\n/);
  expect(stdout).not.toContain('http-service');
});
