/** `cf-bus capture`. */
import { writeFileSync } from 'node:fs';
import { captureTrace } from '../../capture/index.js';
import { CfBusError, describeError, safe, shellWord, systemErrorCode } from '../../kernel/index.js';
import { parseScenario } from '../../scenario/index.js';
import { runVirtual } from '../../simulator/index.js';
import { findTrace, type Trace } from '../../trace/index.js';
import type { Context, ExitCode } from '../context.js';
import type { CaptureOptions } from '../definitions/simulating.js';
import { logInputs } from '../log-files.js';
import { noteFiles } from '../trace-missing.js';

/** Seeds that are tried for one under which all that the request did happens again. */
const MAX_SEEDS = 2_000;

export async function capture(context: Context, traceId: string, options: CaptureOptions): Promise<ExitCode> {
  const { out, notices } = context;
  const inputs = logInputs(context, { files: options.log ?? [] });
  const files = inputs.map((input) => (typeof input === 'string' ? input : input.name));
  const found = await findTrace(inputs, traceId, { session: options.session });
  noteFiles(context, found.read);
  if (!found.found) {
    const hint =
      found.suggestion === undefined
        ? `cf-bus trace --list --log ${files.map(shellWord).join(' ')} shows what is there`
        : `did you mean ${found.suggestion}?`;
    throw new CfBusError('NOT_FOUND', `no trace ${traceId} in ${files.join(', ')}`, { hint, exitCode: 1 });
  }
  if (found.kind === 'timeline') {
    const hint = 'cf-bus trace shows its lines by time';
    throw new CfBusError('NOT_FOUND', `${traceId} is in lines of another program only, which tell of no events`, {
      hint,
      exitCode: 1,
    });
  }
  const [trace] = found.traces;
  const origin = files.join(', ');
  const seed = await findSeed(trace, origin);
  const { text, notes } = captureTrace(trace, { origin, seed });
  for (const each of notes) notices.line(notices.paint('yellow', safe(each)));
  if (seed === undefined) {
    notices.line(
      notices.paint(
        'yellow',
        `No seed from 1 to ${MAX_SEEDS} gave the same events; adjust the faults or the expectations.`,
      ),
    );
  }
  if (options.output === undefined) out.write(text);
  else {
    write(options.output, text, options.force === true);
    notices.line(`Wrote ${safe(options.output)}; try it: cf-bus check ${safe(options.output)}`);
  }
  return 0;
}

/** Faults are drawn: the first seed under which every expectation of the captured file holds. */
async function findSeed(trace: Trace, origin: string): Promise<number | undefined> {
  const scenario = parseScenario(captureTrace(trace, { origin }).text, 'captured.yaml');
  for (let seed = 1; seed <= MAX_SEEDS; seed++) {
    const { passed } = await runVirtual({ scenario, seed });
    if (passed) return seed;
  }
  return undefined;
}

function write(file: string, text: string, force: boolean): void {
  try {
    writeFileSync(file, text, { flag: force ? 'w' : 'wx' });
  } catch (error) {
    const exists = systemErrorCode(error) === 'EEXIST';
    throw new CfBusError('USAGE', exists ? `${file} exists already` : `${file}: ${describeError(error).message}`, {
      ...(exists ? { hint: 'choose another name, or --force to write over it' } : {}),
      cause: error,
    });
  }
}
