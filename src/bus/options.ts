/** Checks what subscribers ask for, once, so that the rest of the bus can trust it. */
import { CfBusError } from '../kernel/index.js';
import type { Backoff, Overflow, RetryOptions, SubscribeOptions } from './subscription-options.js';

/** The longest delay and timeout that is taken: 24 days and a bit, what timers of Node.js hold. */
const LONGEST_MS = 2 ** 31 - 1;
const MAX_ATTEMPTS = 1_000;
const DEFAULT_MAX_DELAY_MS = 30_000;

export interface RetryPolicy {
  readonly attempts: number;
  readonly backoff: Backoff;
  readonly delay: number;
  readonly maxDelay: number;
  readonly jitter: number;
}

export interface Limits {
  /** Infinity where there is no limit. */
  readonly concurrency: number;
  /** Infinity where there is no limit. */
  readonly queueSize: number;
  readonly overflow: Overflow;
  readonly timeout: number | undefined;
  readonly retry: RetryPolicy;
  readonly once: boolean;
  /** Any number of deliveries may run at the same time. */
  readonly unlimited: boolean;
  /** Nothing can hold up a delivery, and nothing but its handler ends it: it may take the short way. */
  readonly free: boolean;
}

export interface SubscriberOptions {
  readonly name: string;
  readonly service: string;
  readonly limits: Limits;
}

const NO_RETRY: RetryPolicy = { attempts: 1, backoff: 'fixed', delay: 0, maxDelay: 0, jitter: 0 };
/** One for all subscribers that ask for nothing special. */
const NO_LIMITS: Limits = {
  concurrency: Number.POSITIVE_INFINITY,
  queueSize: Number.POSITIVE_INFINITY,
  overflow: 'block',
  timeout: undefined,
  retry: NO_RETRY,
  once: false,
  unlimited: true,
  free: true,
};
const BACKOFFS: readonly Backoff[] = ['fixed', 'linear', 'exponential'];
const OVERFLOWS: readonly Overflow[] = ['block', 'drop_newest', 'drop_oldest'];

/** @throws CfBusError `INVALID_OPTIONS` */
export function checkSubscribeOptions(options: SubscribeOptions, handlerName: string): SubscriberOptions {
  if (options.signal !== undefined && !(options.signal instanceof AbortSignal))
    throw invalid('signal', 'must be an AbortSignal');
  return {
    name: checkName('name', options.name) ?? (handlerName === '' ? 'anonymous' : handlerName),
    service: checkName('service', options.service) ?? '',
    limits: checkLimits(options),
  };
}

function checkLimits({ concurrency, queue, timeout, retry, once }: SubscribeOptions): Limits {
  const asked = concurrency ?? queue ?? timeout ?? retry ?? once;
  if (asked === undefined) return NO_LIMITS;
  const unlimited = concurrency === undefined || concurrency === Number.POSITIVE_INFINITY;
  if (!unlimited) checkInteger('concurrency', concurrency, 1, 1e9);
  if (queue !== undefined) checkInteger('queue.size', queue.size, 0, 1e9);
  if (timeout !== undefined) checkNumber('timeout', timeout, 0, LONGEST_MS);
  return {
    concurrency: concurrency ?? Number.POSITIVE_INFINITY,
    queueSize: queue?.size ?? Number.POSITIVE_INFINITY,
    overflow: checkWord('queue.overflow', queue?.overflow ?? 'block', OVERFLOWS),
    timeout,
    retry: retry === undefined ? NO_RETRY : checkRetry(retry),
    once: once === true,
    unlimited,
    free: unlimited && timeout === undefined && once !== true,
  };
}

function checkRetry(retry: RetryOptions): RetryPolicy {
  const { attempts, backoff = 'fixed', delay = 0, maxDelay = DEFAULT_MAX_DELAY_MS, jitter = 0 } = retry;
  checkInteger('retry.attempts', attempts, 1, MAX_ATTEMPTS);
  checkNumber('retry.delay', delay, 0, LONGEST_MS);
  checkNumber('retry.maxDelay', maxDelay, 0, LONGEST_MS);
  checkNumber('retry.jitter', jitter, 0, 1);
  return {
    attempts,
    backoff: checkWord('retry.backoff', backoff, BACKOFFS),
    delay,
    maxDelay: Math.max(maxDelay, delay),
    jitter,
  };
}

/** The delay in milliseconds before attempt `attempt` (2 or more). `random` gives numbers from 0 to 1. */
export function retryDelay(policy: RetryPolicy, attempt: number, random: () => number): number {
  const { delay, jitter } = policy;
  const steps = attempt - 2;
  const grown =
    policy.backoff === 'fixed' ? delay : policy.backoff === 'linear' ? delay * (steps + 1) : delay * 2 ** steps;
  const bounded = Math.min(grown, policy.maxDelay);
  return jitter === 0 ? bounded : bounded * (1 + jitter * (2 * random() - 1));
}

function checkInteger(name: string, value: unknown, min: number, max: number): void {
  if (!Number.isInteger(value)) throw invalid(name, `must be a whole number, not ${shown(value)}`);
  checkNumber(name, value, min, max);
}

export function checkNumber(name: string, value: unknown, min: number, max: number): void {
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw invalid(name, `must be a number from ${min} to ${max}, not ${shown(value)}`);
  }
}

function checkWord<W extends string>(name: string, value: W, words: readonly W[]): W {
  if (words.includes(value)) return value;
  throw invalid(name, `must be one of ${words.join(', ')}, not ${shown(value)}`);
}

function checkName(name: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value.length > 0 && value.length <= 200) return value;
  throw invalid(name, `must be a text of 1 to 200 characters, not ${shown(value)}`);
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? `"${value.slice(0, 60)}"`
    : typeof value === 'number'
      ? String(value)
      : typeof value;
}

function invalid(name: string, problem: string): CfBusError {
  return new CfBusError('INVALID_OPTIONS', `${name} ${problem}`);
}
