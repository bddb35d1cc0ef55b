/** The payload of `publish`: from the command line, a file or standard input, with single keys set. */
import { isUtf8 } from 'node:buffer';
import { createReadStream, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  CfBusError,
  checkPayload,
  FORBIDDEN_KEYS,
  isObject,
  type JsonObject,
  MAX_PAYLOAD_BYTES,
  payloadTooLarge,
  safe,
} from '../kernel/index.js';
import type { Context } from './context.js';
import { parseJsonInput } from './json-input.js';

export interface PayloadChoice {
  /** `true` for a bare `--payload`. */
  readonly payload?: string | true;
  readonly set?: readonly string[];
}

/** Text may hold spaces that the payload does not; past this it is not even read. */
const MAX_TEXT_BYTES = 16 * MAX_PAYLOAD_BYTES;
const EXAMPLE = `example: --payload '{"repo_path": "/srv/web"}', --payload @payload.json, or pipe it into --payload -`;

/** @throws CfBusError `INVALID_PAYLOAD`, `FILE_UNREADABLE`, `USAGE` */
export async function readPayload(context: Context, { payload, set = [] }: PayloadChoice): Promise<JsonObject> {
  const given = payload === undefined ? {} : checkPayload(await readGiven(context, payload));
  return set.length === 0 ? given : checkPayload(setAll(given, set));
}

async function readGiven(context: Context, payload: string | true): Promise<unknown> {
  if (payload === true || payload === '-') {
    const text = await readStdin(context);
    if (text.trim() === '') throw new CfBusError('USAGE', 'standard input is empty', { hint: EXAMPLE });
    return parseJsonInput(text, 'standard input');
  }
  if (payload.startsWith('@')) {
    const file = payload.slice(1);
    return parseJsonInput(await readFile(resolve(context.cwd, file)), file);
  }
  if (payload.trim() === '') throw new CfBusError('USAGE', '--payload is empty', { hint: EXAMPLE });
  return parseJsonInput(payload, '--payload');
}

/** A pipe may be as good as a file: `--payload @<(jq …)`. A device may have no end. */
function readFile(path: string): Promise<string> {
  const status = statSync(path);
  if (!status.isFile() && !status.isFIFO()) {
    const what = status.isDirectory() ? 'it is a directory' : 'it is neither a file nor a pipe';
    throw new CfBusError('FILE_UNREADABLE', `cannot read ${safe(path)}: ${what}`);
  }
  return readBounded(createReadStream(path), path);
}

async function readStdin(context: Context): Promise<string> {
  const stdin = context.stdin();
  if (stdin.isTTY === true) {
    throw new CfBusError('USAGE', 'no payload: standard input is the terminal', { hint: EXAMPLE });
  }
  return readBounded(stdin, 'standard input');
}

async function readBounded(stream: AsyncIterable<Uint8Array | string>, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_TEXT_BYTES) throw payloadTooLarge(size);
    chunks.push(bytes);
  }
  const all = Buffer.concat(chunks);
  // Decoding would put other characters in its place.
  if (!isUtf8(all)) throw new CfBusError('INVALID_PAYLOAD', `${safe(name)} is not UTF-8`);
  return all.toString('utf8').replace(/^\ufeff/, '');
}

/** `payload` with each `a.b=1` set; the value is JSON where it parses as such, else text. */
function setAll(payload: JsonObject, assignments: readonly string[]): JsonObject {
  const copy: unknown = structuredClone(payload);
  const root = isObject(copy) ? copy : {};
  for (const assignment of assignments) {
    const at = assignment.indexOf('=');
    const path = assignment.slice(0, Math.max(0, at)).split('.');
    if (at < 1 || path.includes('')) {
      throw new CfBusError('USAGE', `--set takes key=value, not "${assignment}"`, {
        hint: 'example: --set repo_path=/srv/web --set options.deep=true',
      });
    }
    setPath(root, path, parseValue(assignment.slice(at + 1)));
  }
  return checkPayload(root);
}

function setPath(root: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const forbidden = path.find((key) => FORBIDDEN_KEYS.has(key));
  if (forbidden !== undefined) throw new CfBusError('USAGE', `--set cannot set the key "${forbidden}"`);
  let container: Record<string, unknown> = root;
  for (const [index, key] of path.entries()) {
    if (index === path.length - 1) {
      container[key] = value;
      return;
    }
    const next = Object.hasOwn(container, key) ? container[key] : {};
    container[key] = next;
    if (!isObject(next)) {
      throw new CfBusError('USAGE', `--set ${path.join('.')}: ${path.slice(0, index + 1).join('.')} is not an object`);
    }
    container = next;
  }
}

function parseValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
