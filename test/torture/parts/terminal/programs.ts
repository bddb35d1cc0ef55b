/** Hostile texts through the real program: in logs, scenarios, arguments, names of files and of sessions. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { realClock, sleep } from '../../../../src/kernel/index.js';
import type { PartContext } from '../../part.js';
import { inLanes } from '../../support/lanes.js';
import { type Measured, runMeasured } from '../../support/measured.js';
import { cleanEnv, copyProgram, PtyProgram } from '../../support/programs.js';
import { firstEvent, hostileStory, TRACE } from './story.js';

const LIMIT_MS = 60_000;
/** Commands at the same time. */
const LANES = 3;

export type Shown = readonly (readonly [sink: string, text: string])[];

export class Programs {
  readonly #context: PartContext;
  readonly #program: string;
  readonly #folder: string;
  readonly #env: Record<string, string>;

  constructor(context: PartContext) {
    this.#context = context;
    this.#program = copyProgram(context.root, join(context.scratch, 'program'));
    this.#folder = join(context.scratch, 'here');
    mkdirSync(this.#folder);
    this.#env = cleanEnv(context.scratch);
  }

  /** Every command that reads a log, on one that is made of `texts`. */
  async reading(texts: readonly string[], color: boolean): Promise<Shown> {
    const records = [...hostileStory(texts, 's1'), ...hostileStory(texts.toReversed(), 's2')];
    const foreign = texts.map((text) => ({
      level: 50,
      time: 1e12,
      trace_id: TRACE,
      msg: text,
      err: { message: text },
      [text]: text,
    }));
    const log = join(this.#folder, 'x.log');
    writeFileSync(log, [...records, ...foreign].map((record) => `${JSON.stringify(record)}\n`).join(''));
    const [text = ''] = texts;
    const pictures = ['tree', 'waterfall', 'log', 'mermaid', 'csv', 'html', 'otlp', 'perfetto', 'json'];
    return this.#all(color, [
      ...pictures.map((format) => ['trace', TRACE, '--all', '--format', format, log]),
      ['trace', '--list', log],
      ['trace', '--list', '--json', log],
      ['trace', '--latest', '--failed', log],
      ['trace', '--', plain(text), log],
      ['stats', log],
      ['stats', '--json', log],
      ['tail', '--no-follow', '-n', '200', log],
      ['tail', '--no-follow', '-n', '200', '--json', log],
      ['why', `--log=${log}`, '--', plain(firstEvent(records))],
      ['diff', TRACE, TRACE, log],
      ['diff', '--json', TRACE, TRACE, log],
      ['capture', TRACE, '--log', log],
      ['trace', TRACE, '--field', plain(text), log],
    ]);
  }

  /** Scenarios whose names, errors and payloads are `texts`. */
  async running([a = '', b = '', c = '', d = '', e = '']: readonly string[], color: boolean): Promise<Shown> {
    const handlers = {
      take: {
        subscribe: 'a.b',
        faults: [{ type: 'error', probability: 1, message: b }],
        on_error: [{ type: 'a.c', payload: { [c]: d } }],
      },
      drop: { subscribe: 'a.*', concurrency: 1, queue: { size: 0, overflow: 'drop_newest' }, delay: '5ms' },
    };
    const publish = { type: 'a.b', payload: { [d]: e } };
    const requests = [
      {
        name: 'r',
        source: plain(c),
        trace_id: raw(e),
        flow: [{ publish }, { publish }, { wait_for: { type: 'x.y', within: '1ms' } }],
      },
    ];
    const scenario = {
      version: 1,
      name: plain(a).slice(0, 100),
      variables: { v: b },
      services: { s: { handlers } },
      requests,
      expect: [{ never: 'a.c' }],
    };
    const file = join(this.#folder, 'hostile.yaml');
    writeFileSync(file, JSON.stringify(scenario));
    const named = join(this.#folder, `${plain(a).replaceAll('/', '').slice(0, 40)}.yaml`);
    writeFileSync(named, JSON.stringify(scenario));
    const payload = JSON.stringify({ [d]: e, b });
    const shown = await this.#all(color, [
      ['run', file, '--no-ui', '--log', 'a.log', '--log-payloads'],
      ['run', file, '--no-ui', '--log', 'b.log', '--json'],
      ['run', file, '--virtual', '--log', 'c.log'],
      ['check', file],
      ['check', '--json', file],
      ['check', '--', named],
      ['run', '--virtual', '--log', 'off', '--', named],
      [
        'publish',
        'a.b',
        '--scenario',
        file,
        '--log',
        'off',
        '--payload',
        payload,
        '--trace-id',
        plain(e) || 'x',
        '--source',
        plain(c) || 'x',
      ],
      ['publish', 'a.b', '--scenario', file, '--log', 'off', '--payload', payload, '--json'],
      ['init', '--', named],
    ]);
    rmSync(named);
    return shown;
  }

  /** The texts where they are no answer: as options, names, files, values. */
  mistaken(text: string, color: boolean): Promise<Shown> {
    const word = plain(text);
    writeFileSync(join(this.#folder, 'bad.json'), `{"a": ${text}`);
    return this.#all(color, [
      [word],
      [`--${word}`],
      ['run', `--${word}`],
      ['run', '--', word],
      ['check', '--', word],
      ['trace', '--', word],
      ['trace', '--format', word, 'x'],
      ['trace', '--since', word, 'x'],
      ['trace', 'x', `--log=${word}`],
      ['why', '--', word],
      ['diff', '--', word, word],
      ['capture', '--', word],
      ['publish', '--', word],
      ['publish', 'a.b', `--payload=${word}`],
      ['publish', 'a.b', '--payload', '@bad.json'],
      ['publish', 'a.b', `--set=${word}`],
      ['publish', 'a.b', `--session=${word}`],
      ['publish', 'a.b', `--timeout=${word}`],
      ['run', 'hello', '--virtual', `--set=${word}`],
      ['run', 'hello', '--virtual', `--seed=${word}`],
      ['run', 'hello', '--log-payloads', `--redact=${word}`],
      ['run', 'hello', '--no-ui', `--session=${word}`],
      ['run', 'hello', '--virtual', `--log=${word}/x`],
      ['tail', '--no-follow', '--', word],
      ['tail', `--session=${word}`],
      ['stats', `--session=${word}`],
      ['stats', '--', word],
      ['stop', '--', word],
      ['help', word],
      ['completion', word],
      ['dash', '--', word],
      ['schema', word],
    ]);
  }

  /** The dashboard of a log of `texts`, on a terminal, with keys pressed. */
  async dashboard(texts: readonly string[]): Promise<Shown> {
    const log = join(this.#folder, 'dash.log');
    writeFileSync(
      log,
      hostileStory(texts, 's1')
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    );
    let bytes = '';
    const onOutput = (text: string) => {
      bytes += text;
    };
    const dash = new PtyProgram(this.#program, ['dash', log], { cwd: this.#folder, env: this.#env, onOutput });
    await sleep(realClock, 1_500);
    for (const key of ['1', '2', '3', '\r', '\u001b', '5', 'G', '\r', '\u001b', '?', '?', 'q']) {
      dash.type(key);
      await sleep(realClock, 250);
    }
    const ended = await dash.within(LIMIT_MS);
    return [['dashboard', ended === undefined ? 'F0RGED: it did not end' : bytes.replaceAll('\r\n', '\n')]];
  }

  /** What says nothing of others' texts. */
  fixed(): Promise<Shown> {
    const shells = ['bash', 'zsh', 'fish'];
    return this.#all(true, [
      ['--help'],
      ['trace', '--help'],
      ...shells.map((shell) => ['completion', shell]),
      ['types'],
      ['schema'],
      ['run'],
    ]);
  }

  async #all(color: boolean, commands: readonly (readonly string[])[]): Promise<Shown> {
    const shown: (readonly [string, string])[] = [];
    await inLanes(commands, LANES, this.#context.signal, async (args) => {
      const { stdout, stderr, killed } = await this.#run([...args], color);
      const name = args
        .filter((arg) => /^[a-z-]+$/.test(arg))
        .slice(0, 4)
        .join(' ');
      // CSV ends its lines with CR LF.
      shown.push([
        name,
        `${killed === undefined ? '' : `F0RGED: ${killed}\n`}${stdout.replaceAll('\r\n', '\n')}${stderr}`,
      ]);
    });
    if (existsSync(join(this.#folder, 'pwned'))) shown.push(['shell', 'F0RGED: a command was run']);
    return shown;
  }

  #run(args: readonly string[], color: boolean): Promise<Measured> {
    const env = { ...this.#env, ...(color ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }) };
    return runMeasured(this.#context.root, this.#program, args, { cwd: this.#folder, env, limit: LIMIT_MS });
  }
}

/** As an argument or a file's name can hold it: without NUL, and not so long. */
function plain(text: string): string {
  return text.replaceAll('\u0000', '').slice(0, 150);
}

/** A template that is this text. */
function raw(text: string): string {
  return `{% raw %}${text.replaceAll('{%', '')}{% endraw %}`;
}
