import { percentile } from '../lib/figures.mjs';
import { contend } from '../lib/interleave.mjs';
import { prepareBus } from './bus.mjs';
import { prepareHttp } from './http.mjs';

const ROUND_MS = 500;
/** Calls in one turn of the event loop, so that a pause of the machine is not followed by one long turn of ours. */
const MOST_A_TURN = 100;

/**
 * Offers calls at a rate, in turns of the event loop, for half a second. `call(due)` starts one.
 * @returns calls a second that were started
 */
async function offer(rate, call) {
  const start = performance.now();
  let started = 0;
  for (let now = start; now < start + ROUND_MS; now = performance.now()) {
    const due = Math.floor(((now - start) / 1_000) * rate);
    const until = Math.min(due, started + MOST_A_TURN);
    for (; started < until; started++) call(start + (started / rate) * 1_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return (started / (performance.now() - start)) * 1_000;
}

/** Takes calls one after the other on many connections at once. */
async function saturate(connections, call) {
  const start = performance.now();
  let done = 0;
  const loop = async () => {
    for (; performance.now() < start + ROUND_MS; done++) await call(performance.now());
  };
  await Promise.all(Array.from({ length: connections }, loop));
  return (done / (performance.now() - start)) * 1_000;
}

contend(async ({ way, log, folder, rate }) => {
  /** Milliseconds from publish, and from when it was due, to the start of a handler. */
  const latencies = [];
  const late = [];
  const onStart = (sent, due, now) => {
    latencies.push(now - sent);
    late.push(now - due);
  };
  const { call, settle } = await (way === 'bus' ? prepareBus({ log, folder, onStart }) : prepareHttp(onStart));
  return async () => {
    latencies.length = 0;
    late.length = 0;
    const reached = Number.isFinite(rate) ? await offer(rate, call) : await saturate(64, call);
    await settle();
    latencies.sort((a, b) => a - b);
    late.sort((a, b) => a - b);
    const us = (sorted, share) => percentile(sorted, share) * 1_000;
    return {
      reached,
      p50: us(latencies, 0.5),
      p99: us(latencies, 0.99),
      p999: us(latencies, 0.999),
      lateP99: us(late, 0.99),
    };
  };
});
