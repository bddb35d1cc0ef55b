/** Payloads into a running session, over its socket and by the command line, and all that shows them afterwards. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { CfBusError, isObject, realClock, sleep } from '../../../../src/kernel/index.js';
import { connect, listSessions, type SessionClient } from '../../../../src/session/index.js';
import type { PartContext } from '../../part.js';
import type { Count } from '../../support/count.js';
import { inLanes } from '../../support/lanes.js';
import { flaws, LogAudit } from '../../support/log-audit.js';
import { type Measured, runMeasured } from '../../support/measured.js';
import { cleanEnv, copyProgram, Program, PtyProgram } from '../../support/programs.js';
import { activeIn } from '../../support/terminal-bytes.js';
import { isAllowed, levelsOf, payloads } from './draw.js';
import { published } from './logged.js';
import { SECRET } from './redaction.js';
import { REDACT, SCENARIO, SEEN, TEXTS, TOLD } from './texts.js';

const COUNTS = {
  short: { socket: 80, program: 3 },
  full: { socket: 2_000, program: 60 },
  long: { socket: 20_000, program: 300 },
};
const LIMIT_MS = 30_000;
/** Commands at the same time. */
const LANES = 3;

export async function throughSessions(context: PartContext, count: Count): Promise<void> {
  const session = new SessionBench(context);
  try {
    await session.start();
    count.add('a session', await session.fuzz());
    count.add('secrets in a session', await session.secrets());
  } finally {
    await session.end();
  }
  count.add('the log of the session', session.inLog());
  for (const [what, problems] of await session.afterwards()) count.add(what, problems);
}

class SessionBench {
  readonly #context: PartContext;
  readonly #program: string;
  readonly #env: Record<string, string>;
  readonly #log: string;
  readonly #expected = new Map<string, string>();
  readonly #programs: (Program | PtyProgram)[] = [];
  readonly #shown = new Map<string, string>();
  #client: SessionClient | undefined;

  constructor(context: PartContext) {
    this.#context = context;
    this.#program = copyProgram(context.root, join(context.scratch, 'program'));
    this.#env = cleanEnv(context.scratch);
    this.#log = join(context.scratch, 'session.log');
    writeFileSync(join(context.scratch, 'keeper.yaml'), SCENARIO);
  }

  async start(): Promise<void> {
    const options = ['--log', this.#log, '--log-payloads', '--redact', ...REDACT];
    this.#watch('run', ['run', 'keeper.yaml', '--no-ui', '--stay', '--session', 'keeper', ...options]);
    this.#client = await this.#connect();
    this.#watch('tail', ['tail', '--session', 'keeper']);
    this.#watch('tail --json', ['tail', '--json', '--session', 'keeper']);
    this.#onTerminal('dash', ['dash', '--session', 'keeper']);
  }

  /** Every published payload is acknowledged, or refused with its place. */
  async fuzz(): Promise<string[]> {
    const { effort, seed } = this.#context;
    const problems: string[] = [];
    const { socket, program } = COUNTS[effort];
    // Deeper ones cannot even be written by the client.
    const writable = payloads.filter(
      (payload) => levelsOf(payload) < 1_000 || levelsOf(payload) === Number.POSITIVE_INFINITY,
    );
    for (const payload of fc.sample(writable, { seed, numRuns: socket })) {
      const text = JSON.stringify(payload);
      const outcome = await this.#publish(text);
      if (outcome === undefined) continue;
      if (isAllowed(payload)) problems.push(`refused, and may not be: ${outcome}`);
      else if (!/ at \$|bytes|too long|larger/.test(outcome)) problems.push(`refused without a place: ${outcome}`);
    }
    const drawn = fc.sample(writable, { seed: seed + 1, numRuns: program }).map((each) => JSON.stringify(each));
    await inLanes([...TEXTS, ...drawn], LANES, this.#context.signal, async (text) => {
      problems.push(...(await this.#publishByProgram(text)));
    });
    return problems;
  }

  async #publish(text: string): Promise<string | undefined> {
    try {
      const payload: unknown = JSON.parse(text);
      const accepted = await this.#client?.publish({ type: 'torture.payload', payload });
      if (accepted !== undefined) this.#expected.set(accepted.event_id, text);
      return undefined;
    } catch (error) {
      if (error instanceof CfBusError && error.exitCode === 3) this.#client = await this.#connect();
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #publishByProgram(text: string): Promise<string[]> {
    const run = await this.#run(
      ['publish', 'torture.payload', '--payload', '-', '--json', '--session', 'keeper'],
      text,
    );
    if (run.code === 2 && !isAllowedText(text)) return [];
    if (run.code !== 0) return [`publish of ${text.slice(0, 200)} ended with ${run.code}: ${run.stderr.slice(0, 200)}`];
    const { event_id } = JSON.parse(run.stdout);
    this.#expected.set(event_id, JSON.stringify(JSON.parse(text)));
    return [];
  }

  /** Publishes secrets, and looks at them in the dashboard, with the line that publishes them again. */
  async secrets(): Promise<string[]> {
    const problems: string[] = [];
    for (const type of ['torture.told', 'torture.refused']) {
      const args = ['publish', type, '--payload', TOLD, '--trace-id', `trace-of-${type}`, '--session', 'keeper'];
      const { code, stdout, stderr } = await this.#run(args);
      if (code !== (type === 'torture.told' ? 0 : 1))
        problems.push(`${type}: exit code ${code}: ${stderr.slice(0, 200)}`);
      this.#shown.set(`publish ${type}`, stdout + stderr);
    }
    const again: unknown = await this.#client?.request('payload', { type: 'torture.told' });
    this.#shown.set('the payload over the socket', JSON.stringify(again));
    const dash = this.#programs.at(-1);
    if (dash instanceof PtyProgram) {
      for (const keys of [
        '5',
        'G',
        'r',
        '\u001b',
        '\r',
        '\u001b',
        'p',
        'torture.told',
        '\t',
        '\u001b',
        '3',
        '\r',
        'q',
      ]) {
        dash.type(keys);
        await sleep(realClock, 400);
      }
      if ((await dash.within(LIMIT_MS)) === undefined) problems.push('the dashboard did not end');
    }
    return problems;
  }

  /** What the log holds of each event. */
  inLog(): string[] {
    const problems = flaws(new LogAudit(this.#log));
    const logged = published(this.#log);
    for (const [id, text] of this.#expected) {
      const found = logged.get(id);
      if (found !== text) problems.push(`${id} was ${text.slice(0, 200)}, is ${found?.slice(0, 200)}`);
    }
    return problems;
  }

  /** Everything that was shown, and what the program makes of the log. */
  async afterwards(): Promise<(readonly [string, string[]])[]> {
    const trace = 'trace-of-torture.refused';
    const formats = ['tree', 'waterfall', 'log', 'json', 'mermaid', 'otlp', 'perfetto', 'html', 'csv'];
    const commands = [
      ...formats.map((format) => ['trace', trace, '--format', format]),
      ...[['stats'], ['stats', '--json'], ['trace', '--list'], ['tail', '--no-follow', '-n', '9']],
      ['diff', trace, 'trace-of-torture.told'],
      ['capture', trace, '--log'],
    ];
    await inLanes(commands, LANES, this.#context.signal, (args) => this.#show([...args, this.#log]));
    const shows = ['trace log', 'tail --json', 'dash', 'the payload over the socket'];
    const unseen = shows.filter((name) => !(this.#shown.get(name) ?? '').includes(SEEN));
    return [
      ...[...this.#shown].map(([name, text]) => [`secrets in ${name}`, leaksIn(text)] as const),
      ['what shows payloads', unseen.map((name) => `${name} does not show ${SEEN}`)],
      ...(await this.#samples()),
    ];
  }

  /** `trace --json` of some events, by the program. */
  async #samples(): Promise<(readonly [string, string[]])[]> {
    const some = [...this.#expected].slice(-COUNTS[this.#context.effort].program);
    const events = published(this.#log, 'trace_id');
    const results: (readonly [string, string[]])[] = [];
    for (const [id, text] of some) {
      const { stdout } = await this.#run(['trace', '--json', '--', JSON.parse(events.get(id) ?? '""'), this.#log]);
      const [event] = JSON.parse(stdout).events;
      const same = JSON.stringify(event.payload) === text;
      results.push([`trace --json of ${id}`, same ? [] : [`was ${text.slice(0, 200)}`]]);
    }
    return results;
  }

  async end(): Promise<void> {
    this.#client?.close();
    if (this.#client !== undefined) await this.#run(['stop', 'keeper']);
    for (const program of this.#programs) if ((await program.within(5_000)) === undefined) program.kill('SIGKILL');
  }

  async #show(args: readonly string[]): Promise<void> {
    const { stdout, stderr } = await this.#run(args);
    const name = args[0] === 'trace' && args[2] === '--format' ? `trace ${args[3]}` : args.slice(0, 2).join(' ');
    this.#shown.set(name, stdout + stderr);
  }

  #watch(name: string, args: readonly string[]): void {
    const onOutput = (text: string) => void this.#shown.set(name, (this.#shown.get(name) ?? '') + text);
    this.#programs.push(new Program(this.#program, args, { cwd: this.#context.scratch, env: this.#env, onOutput }));
  }

  #onTerminal(name: string, args: readonly string[]): void {
    const onOutput = (text: string) => void this.#shown.set(name, (this.#shown.get(name) ?? '') + text);
    this.#programs.push(new PtyProgram(this.#program, args, { cwd: this.#context.scratch, env: this.#env, onOutput }));
  }

  #run(args: readonly string[], stdin = ''): Promise<Measured> {
    const { root, scratch } = this.#context;
    return runMeasured(root, this.#program, args, { cwd: scratch, env: this.#env, stdin, limit: LIMIT_MS });
  }

  async #connect(): Promise<SessionClient> {
    const { scratch } = this.#context;
    const environment = {
      env: this.#env,
      home: scratch,
      temporary: scratch,
      cwd: scratch,
      uid: process.getuid?.() ?? 0,
    };
    for (let tries = 0; tries < 200; tries++) {
      const [session] = await listSessions({ environment });
      if (session !== undefined) return connect(session, { client: 'torture' });
      await sleep(realClock, 100);
    }
    throw new Error(`the session did not start: ${this.#shown.get('run')}`);
  }
}

function isAllowedText(text: string): boolean {
  const value: unknown = JSON.parse(text);
  return isObject(value) && isAllowed(value);
}

function leaksIn(text: string): string[] {
  const at = text.indexOf(SECRET);
  const problems = at === -1 ? [] : [`shows ${JSON.stringify(text.slice(Math.max(0, at - 60), at + 20))}`];
  // A dashboard moves the cursor.
  const active = text.includes('\u001b[?1049h') ? undefined : activeIn(text.replaceAll('\r\n', '\n'));
  return active === undefined ? problems : [...problems, `prints ${active}`];
}
