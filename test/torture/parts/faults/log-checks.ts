/** What must be true of a log, whatever failed while it was written. */

/** Lines that are no records. */
export function broken(text: string): readonly string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') lines.push('a line without its end');
  return lines.filter((line) => !isRecord(line)).map((line) => `the log has a line that is no record: ${line}`);
}

/** A run that says it went well has a whole log, or one that says what is missing. */
export function unaccounted(text: string): readonly string[] {
  const problems = broken(text);
  if (problems.length > 0) return problems;
  const records = text
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  const lost = records.reduce((sum, { event, lost }) => sum + (event === 'log_gap' ? Number(lost) : 0), 0);
  const last = records.at(-1);
  if (last?.event !== 'session_stopped') return ['the log does not end with session_stopped'];
  return Number(last.seq) === records.length + lost
    ? []
    : [`the log has ${records.length} records and tells of ${lost} lost ones, of ${last.seq}`];
}

function isRecord(line: string): boolean {
  try {
    return typeof JSON.parse(line).seq === 'number';
  } catch {
    return false;
  }
}
