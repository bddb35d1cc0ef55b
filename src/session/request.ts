/** A line → a request, or the one error that says what is wrong with it. */
import * as z from 'zod/mini';
import { describeError, isCfBusError, isObject, suggest } from '../kernel/index.js';
import type { Line } from './framing.js';
import { METHODS } from './methods.js';
import { MAX_LINE_BYTES, type Method, type Params, type RequestId, RPC_ERRORS, type RpcError } from './protocol.js';

/** A valid request: the parameters fit the method. */
export type Request = {
  [M in Method]: { readonly id: RequestId; readonly method: M; readonly params: Params<M> };
}[Method];

export type ParsedRequest =
  | { readonly kind: 'request'; readonly request: Request }
  /** `fatal`: what follows cannot be trusted to be the protocol at all. */
  | { readonly kind: 'refused'; readonly id: RequestId | null; readonly error: RpcError; readonly fatal: boolean };

const MAX_ID_LENGTH = 200;
const HINT = 'send JSON-RPC 2.0, one object a line, "hello" first';

/** Reads one line. Never throws. */
export function parseRequest(line: Line): ParsedRequest {
  if (line.kind === 'too_long') return garbage(`a line has more than ${MAX_LINE_BYTES} bytes (1 MiB)`);
  if (line.kind === 'not_utf8') return garbage('a line is not UTF-8');
  let value: unknown;
  try {
    value = JSON.parse(line.text);
  } catch {
    return garbage('a line is not JSON');
  }
  if (Array.isArray(value)) return invalid(null, 'batches are not supported: send one request a line');
  if (!isObject(value)) return invalid(null, 'a request is a JSON object');
  const id = value.id;
  if (!isRequestId(id)) return invalid(null, 'a request needs an "id": a string or a whole number');
  if (value.jsonrpc !== '2.0') return invalid(id, 'a request needs "jsonrpc": "2.0"');
  if (typeof value.method !== 'string') return invalid(id, 'a request needs a "method"');
  if (!isMethod(value.method)) return unknownMethod(id, value.method);
  return checkParams(id, value.method, value.params ?? {});
}

function isRequestId(id: unknown): id is RequestId {
  return typeof id === 'string' ? id.length <= MAX_ID_LENGTH : Number.isSafeInteger(id);
}

function isMethod(method: string): method is Method {
  return Object.hasOwn(METHODS, method);
}

function checkParams(id: RequestId, method: Method, params: unknown): ParsedRequest {
  const request = REQUESTS.safeParse({ id, method, params });
  if (request.success) return { kind: 'request', request: request.data };
  const issue = request.error.issues[0];
  const problem = issue === undefined ? 'invalid parameters' : describeIssue(issue);
  const error = protocolError(RPC_ERRORS.invalidParams, `${method}: ${problem}`);
  return { kind: 'refused', id, error, fatal: false };
}

const id = z.union([z.string(), z.int()]);
const REQUESTS = z.discriminatedUnion('method', [
  z.object({ id, method: z.literal('hello'), params: METHODS.hello }),
  z.object({ id, method: z.literal('publish'), params: METHODS.publish }),
  z.object({ id, method: z.literal('watch'), params: METHODS.watch }),
  z.object({ id, method: z.literal('unwatch'), params: METHODS.unwatch }),
  z.object({ id, method: z.literal('stats'), params: METHODS.stats }),
  z.object({ id, method: z.literal('fault'), params: METHODS.fault }),
  z.object({ id, method: z.literal('pause'), params: METHODS.pause }),
  z.object({ id, method: z.literal('resume'), params: METHODS.resume }),
  z.object({ id, method: z.literal('speed'), params: METHODS.speed }),
  z.object({ id, method: z.literal('payload'), params: METHODS.payload }),
  z.object({ id, method: z.literal('expectations'), params: METHODS.expectations }),
  z.object({ id, method: z.literal('stop'), params: METHODS.stop }),
]);

function describeIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'params' : issue.path.map(String).join('.');
  switch (issue.code) {
    case 'unrecognized_keys':
      return `${where}: unknown key "${String(issue.keys[0]).slice(0, 80)}"`;
    case 'invalid_type':
      return `${where} must be ${issue.expected === 'int' ? 'a whole number' : issue.expected}`;
    case 'invalid_value':
      return `${where} must be one of ${issue.values.map(String).join(', ')}`;
    case 'invalid_union':
      return `${where} must be one of the known values`;
    case 'too_big':
      return `${where} is too large: at most ${issue.maximum}${issue.origin === 'string' ? ' characters' : ''}`;
    case 'too_small':
      return `${where} is too small: at least ${issue.minimum}${issue.origin === 'string' ? ' characters' : ''}`;
    default:
      return `${where} is not valid`;
  }
}

function garbage(problem: string): ParsedRequest {
  return { kind: 'refused', id: null, error: protocolError(RPC_ERRORS.parse, problem, HINT), fatal: true };
}

function invalid(id: RequestId | null, problem: string): ParsedRequest {
  return { kind: 'refused', id, error: protocolError(RPC_ERRORS.invalidRequest, problem, HINT), fatal: false };
}

function unknownMethod(id: RequestId, method: string): ParsedRequest {
  const shown = method.slice(0, 80);
  const near = suggest(shown, Object.keys(METHODS));
  const hint = near === undefined ? `methods: ${Object.keys(METHODS).join(', ')}` : `did you mean "${near}"?`;
  const error = protocolError(RPC_ERRORS.unknownMethod, `there is no method "${shown}"`, hint);
  return { kind: 'refused', id, error, fatal: false };
}

/** An error about the conversation itself. */
export function protocolError(code: number, message: string, hint?: string): RpcError {
  return { code, message, data: { code: 'PROTOCOL', ...(hint !== undefined && { hint }) } };
}

/** Anything that was thrown, as an answer: a `CfBusError` keeps its code, hint and exit code. */
export function rpcErrorOf(thrown: unknown): RpcError {
  if (!isCfBusError(thrown)) {
    return {
      code: RPC_ERRORS.internal,
      message: describeError(thrown).message,
      data: { code: 'INTERNAL', exit_code: 1 },
    };
  }
  const { code, message, hint, exitCode } = thrown;
  const rpcCode = code === 'INVALID_PAYLOAD' ? RPC_ERRORS.invalidParams : RPC_ERRORS.refused;
  return { code: rpcCode, message, data: { code, exit_code: exitCode, ...(hint !== undefined && { hint }) } };
}
