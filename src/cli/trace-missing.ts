/** What `trace` and its kin say of what they did not find, or could not use. */
import { CfBusError, plural, safe, shellWord } from '../kernel/index.js';
import type { MissingTrace, ReadReport } from '../trace/index.js';
import type { Context } from './context.js';

/** Which traces a list is of. */
interface Wanted {
  readonly failed?: boolean | undefined;
  readonly since?: unknown;
  readonly until?: unknown;
}

/** Tells of files that could not be used. */
export function noteFiles({ notices }: Context, { leftOut, refused }: Pick<ReadReport, 'leftOut' | 'refused'>): void {
  for (const why of refused) notices.line(notices.paint('yellow', `Left out: ${safe(why)}`));
  if (leftOut.length === 0) return;
  const names = leftOut.map((name) => shellWord(name)).join(' ');
  const why = 'because this Node.js cannot unpack zstd';
  notices.line(notices.paint('yellow', `Left out, ${why}: ${names} (zstd -dc FILE | cf-bus … -)`));
}

/** Tells of files and lines that could not be used. */
export function noteUnread(context: Context, read: ReadReport): void {
  const { notices } = context;
  const { invalid, torn, tooLong, foreign } = read;
  noteFiles(context, read);
  const parts = [
    [foreign, 'of another program'],
    [invalid, 'that are no JSON'],
    [torn, 'cut short'],
    [tooLong, 'too long'],
  ] as const;
  const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${count} ${what}`);
  if (said.length > 0) notices.line(notices.paint('dim', `Lines passed over: ${said.join(', ')}`));
}

/** Tells of what was not looked at, because it would have taken long. */
export function noteUnsearched({ notices }: Context, { gapsUnknown }: ReadReport): void {
  if (gapsUnknown === 0) return;
  const much = `${Math.round(gapsUnknown / 1e6)} MB`;
  notices.line(notices.paint('dim', `Not searched for lost records: the ${much} between its first and its last one`));
}

/** The error of a search that found nothing: with what may help. */
export function notFound(missing: MissingTrace, session: string | undefined): CfBusError {
  const { traceId, read, lines } = missing;
  const much = lines === undefined ? `${Math.round((read.bytes + read.skipped) / 1e6)} MB` : plural(lines, 'line');
  const where = `${read.files.join(', ')} (${much})`;
  const ofSession = session === undefined ? '' : ` of session ${session}`;
  return new CfBusError('NOT_FOUND', `no trace ${quoted(traceId)}${ofSession} in ${where}`, {
    hint: hintFor(missing) ?? 'there are no traces in it at all',
    exitCode: 1,
  });
}

/** The likeliest help first: the same id elsewhere, an id that is close, what else there is. */
function hintFor(missing: MissingTrace): string | undefined {
  const { traceId, outside, otherSessions, elsewhere, suggestion, newest } = missing;
  if (outside !== undefined) {
    const [first, last] = [outside.first, outside.last].map((time) => new Date(time).toISOString());
    const when = first === last ? `at ${first}` : `from ${first} to ${last}`;
    return `it is there, but not in the time that --since and --until leave: ${plural(outside.lines, 'line')} ${when}`;
  }
  const [other] = otherSessions;
  if (other !== undefined) return `session ${other} has it: --session ${other}`;
  const [found] = elsewhere;
  if (found !== undefined) {
    const fields = elsewhere.map(({ field, lines }) => `${field} (${plural(lines, 'line')})`).join(', ');
    const trace = found.traceId === undefined ? '' : `; its trace: cf-bus trace ${idArgument(found.traceId)}`;
    return `it is no trace id there, but a value of ${fields}: --field ${shellWord(found.field)} shows those lines${trace}`;
  }
  if (suggestion !== undefined && suggestion !== traceId) return `did you mean ${quoted(suggestion)}?`;
  if (newest.length === 0) return undefined;
  return `the newest there: ${newest
    .slice(0, 5)
    .map(({ traceId, rootType }) => (rootType === '' ? traceId : `${traceId} (${rootType})`))
    .join(', ')}`;
}

/** The error of a list without traces: there are none, or none that were asked for. */
export function noTraces({ files }: ReadReport, { failed, since, until }: Wanted): CfBusError {
  const times =
    since === undefined && until === undefined ? '' : ' that began in the time that --since and --until leave';
  return new CfBusError(
    'NOT_FOUND',
    `no ${failed === true ? 'failed ' : ''}traces${times} in ${files.map((file) => safe(file)).join(', ')}`,
    { exitCode: 1 },
  );
}

export function quoted(id: string): string {
  return `"${safe(id)}"`;
}

/** An id as an argument of a command that people paste; one that could be an option goes behind `--`. */
export function idArgument(id: string): string {
  return id.startsWith('-') ? `-- ${shellWord(id)}` : shellWord(id);
}
