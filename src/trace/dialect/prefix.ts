/** What stands before the JSON of a line: docker compose, CRI, syslog and the journal, a time and a level. */
import type { TimelineLevel } from '../timeline.js';
import { levelOfWord } from './level.js';
import { type Fields, parseObject } from './path.js';
import { leadingTime } from './time.js';

export interface Prefix {
  readonly time: number | undefined;
  readonly level: TimelineLevel | undefined;
  readonly service: string | undefined;
  /** What else stands there. */
  readonly text: string | undefined;
}

/** Braces that are tried: a prefix may have one of its own. */
const TRIES = 4;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a terminal come into logs
const COLOURS = /\u001b\[[0-9;]*m/g;
/** `web-1  | `, as docker compose writes it. */
const COMPOSE = /^([\w.-]+)\s+\|\s?/;
/** `[pod/web-5d4/app] `, as kubectl logs --prefix writes it. */
const POD = /^\[pod\/([^\]\s/]+)\/[^\]\s]+\]\s/;
/** `Jan 23 10:30:00 host web[123]: `; its time has no year and no zone. */
const SYSLOG = /^(?:<\d+>)?[A-Z][a-z]{2}\s+\d{1,2} \d{2}:\d{2}:\d{2}\S*\s+\S+\s+([^\s[:]+)(?:\[\d+\])?:\s*/;
/** `stdout F `, as CRI runtimes write it behind the time. */
const CRI = /^(?:stdout|stderr) [FP](?::\S*)?(?:\s|$)/;
/** The host and the program behind a time, as journalctl -o short-iso writes them. */
const HOST_AND_PROGRAM = /^\S+\s+([^\s[:]+)\[\d+\]:\s*/;
const LEVEL = /^[[(]?([A-Za-z]{3,13})[\])]?:?(?:\s+|$)/;
const SEPARATORS = /^[\s\-|:,[\]]+/;

/** A line that ends in a JSON object, and what stands before it. */
export function splitPrefix(line: string): { readonly prefix: Prefix; readonly value: Fields } | undefined {
  const text = line.trimEnd();
  if (!text.endsWith('}')) return undefined;
  for (let tries = 0, at = text.indexOf('{'); at !== -1 && tries < TRIES; at = text.indexOf('{', at + 1), tries++) {
    const value = parseObject(text.slice(at));
    if (value !== undefined) return { prefix: readPrefix(text.slice(0, at)), value };
  }
  return undefined;
}

/** Takes apart what stands before the JSON. */
export function readPrefix(prefix: string): Prefix {
  let rest = prefix.replace(COLOURS, '').trimStart();
  let service: string | undefined;
  const take = (pattern: RegExp): string | undefined => {
    const match = pattern.exec(rest);
    if (match === null) return undefined;
    rest = rest.slice(match[0].length).trimStart();
    return match[1];
  };
  service = take(COMPOSE) ?? take(POD) ?? take(SYSLOG);
  const bracketed = rest.startsWith('[') ? 1 : 0;
  const stamp = leadingTime(rest.slice(bracketed));
  if (stamp !== undefined) {
    rest = rest.slice(bracketed + stamp.end).replace(SEPARATORS, '');
    take(CRI);
    service ??= take(HOST_AND_PROGRAM);
  }
  const word = LEVEL.exec(rest);
  const level = word === null ? undefined : levelOfWord(word[1] ?? '');
  if (level !== undefined && word !== null) rest = rest.slice(word[0].length).replace(SEPARATORS, '');
  const text = rest.replace(/[\s|:-]+$/, '');
  return { time: stamp?.time, level, service, text: text === '' ? undefined : text };
}
