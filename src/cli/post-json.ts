/** Sends a request's OTLP to a collector. */
import { CfBusError, type Clock, describeError, isObject, realClock } from '../kernel/index.js';

/** A collector that takes longer has a problem. */
const PATIENCE_MS = 10_000;
const PATH = '/v1/traces';
const LONGEST_ANSWER = 200;

export interface Posted {
  /** Where it went in the end. */
  readonly to: string;
  readonly status: number;
  /** What the collector says of spans that it did not take. */
  readonly rejected: string | undefined;
}

/**
 * @param url of a collector; without a path it is OTLP's own, `/v1/traces`.
 * @throws CfBusError `USAGE` for a URL that is none; `OUTPUT_FAILED` where nobody answers in time, or says no.
 */
export async function postJson(url: string, body: string, clock: Clock = realClock): Promise<Posted> {
  const to = endpoint(url);
  const controller = new AbortController();
  const timer = clock.setTimer(PATIENCE_MS, () => controller.abort());
  try {
    const response = await fetch(to, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      redirect: 'error',
      signal: controller.signal,
    });
    const answer = await response.text();
    if (!response.ok) throw refused(to, `it answered ${response.status}: ${answer.slice(0, LONGEST_ANSWER)}`);
    return { to, status: response.status, rejected: rejectedIn(answer) };
  } catch (error) {
    if (error instanceof CfBusError) throw error;
    if (controller.signal.aborted) throw refused(to, `it did not answer within ${PATIENCE_MS / 1_000} s`);
    const { cause } = error instanceof Error ? error : {};
    throw refused(to, describeError(cause ?? error).message);
  } finally {
    timer.cancel();
  }
}

function endpoint(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw new CfBusError('USAGE', `"${url}" is not the URL of a collector`, {
      hint: `it looks like http://localhost:4318 or http://localhost:4318${PATH}`,
    });
  }
  if (parsed.pathname === '/') parsed.pathname = PATH;
  return parsed.href;
}

function refused(to: string, why: string): CfBusError {
  return new CfBusError('OUTPUT_FAILED', `cannot send to ${to}: ${why}`, { exitCode: 3 });
}

function rejectedIn(answer: string): string | undefined {
  try {
    const json: unknown = JSON.parse(answer);
    const partial = isObject(json) ? json.partialSuccess : undefined;
    if (!isObject(partial) || Number(partial.rejectedSpans ?? 0) === 0) return undefined;
    return `${String(partial.rejectedSpans)} spans, ${String(partial.errorMessage ?? 'it does not say why')}`;
  } catch {
    // Some collectors answer with nothing.
    return undefined;
  }
}
