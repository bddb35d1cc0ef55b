/** Which signals come when, to which kind of run. */
import type { Random } from '../../../../src/kernel/index.js';

export const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGQUIT: 3, SIGTERM: 15 } as const;
export type EndingSignal = keyof typeof SIGNALS;

/** `dashboard` and `lines` on a terminal; `pipe` without any. */
export type Host = 'dashboard' | 'lines' | 'pipe';
export type Moment = 'start' | 'load' | 'drain' | 'render';

/** What happens to the run. What is sent last ends it. */
export type Step =
  | { readonly do: 'signal'; readonly name: EndingSignal }
  /** Typed: Ctrl-C, Ctrl-\. */
  | { readonly do: 'key'; readonly key: string; readonly name: EndingSignal }
  /** SIGTSTP or Ctrl-Z; the shell looks at the terminal and continues it. */
  | { readonly do: 'stop'; readonly typed: boolean }
  /** SIGTSTP, and SIGCONT at once, from outside. */
  | { readonly do: 'blink' }
  /** The terminal's window is closed. */
  | { readonly do: 'hangUp' };

export interface Case {
  readonly host: Host;
  readonly moment: Moment;
  readonly steps: readonly Step[];
  /** Milliseconds between two steps. */
  readonly gap: number;
  /** A handler hangs: what is under way must be given up. */
  readonly hangs: boolean;
  /** A client watches and never reads. */
  readonly rude: boolean;
}

const MOMENTS = ['start', 'load', 'drain', 'render'] as const;
const NAMES = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

type Script = (random: Random, host: Host) => Step[];

const end: Step = { do: 'signal', name: 'SIGTERM' };
const once =
  (name: EndingSignal): Script =>
  (random, host) => [one(name, random, host)];
const twice =
  (first: EndingSignal, second: EndingSignal): Script =>
  (random, host) => [
    one(first, random, host),
    // A terminal that is gone takes no keys.
    { do: 'signal', name: second },
  ];
const stop: Script = (random, host) => [pauseStep(random, host), end];
const stopTwice: Script = (random, host) => [pauseStep(random, host), pauseStep(random, host), end];
const blink: Script = () => [{ do: 'blink' }, end];
const blinkTwice: Script = () => [{ do: 'blink' }, { do: 'blink' }, end];

const SCRIPTS: readonly Script[] = [
  ...NAMES.map(once),
  stop,
  ...NAMES.map((name) => twice(name, name)),
  stopTwice,
  twice('SIGINT', 'SIGTERM'),
  twice('SIGHUP', 'SIGTERM'),
  blink,
  blinkTwice,
];

/** As a signal, or as what a person at a terminal does for it. */
function one(name: EndingSignal, random: Random, host: Host): Step {
  if (host !== 'pipe' && random.next() < 1 / 3) {
    if (name === 'SIGINT') return { do: 'key', key: '\u0003', name };
    if (name === 'SIGQUIT' && host === 'lines') return { do: 'key', key: '\u001c', name };
    if (name === 'SIGHUP') return { do: 'hangUp' };
  }
  return { do: 'signal', name };
}

function pauseStep(random: Random, host: Host): Step {
  // Nobody could continue what is stopped without a terminal.
  return host === 'pipe' ? { do: 'blink' } : { do: 'stop', typed: random.next() < 0.5 };
}

/** `count` cases: every script at every moment, again and again, on other hosts. */
export function planCases(count: number, random: Random): Case[] {
  const hosts: readonly Host[] = ['dashboard', 'lines', 'dashboard', 'pipe'];
  return Array.from({ length: count }, (_, index): Case => {
    // Both numbers of one step: a few cases see every moment, and all of them every pair of moment and script.
    const moment = MOMENTS[index % MOMENTS.length] ?? 'load';
    const round = Math.floor(index / MOMENTS.length);
    const script = SCRIPTS[(round + 4 * (index % MOMENTS.length)) % SCRIPTS.length] ?? stop;
    const host = moment === 'render' ? 'dashboard' : (hosts[(round + index) % hosts.length] ?? 'lines');
    return {
      host,
      moment,
      steps: script(random, host),
      gap: random.next() < 0.5 ? random.next() * 20 : random.next() * 400,
      hangs: moment !== 'start' && random.next() < 0.1,
      rude: moment !== 'start' && random.next() < 0.25,
    };
  });
}

export function nameOf({ host, moment, steps, gap, hangs, rude }: Case): string {
  const words = steps.map((step) => {
    if (step.do === 'signal') return step.name;
    if (step.do === 'key') return step.name === 'SIGINT' ? 'Ctrl-C' : 'Ctrl-\\';
    if (step.do === 'stop') return step.typed ? 'Ctrl-Z, fg' : 'SIGTSTP, fg';
    return step.do === 'blink' ? 'SIGTSTP+SIGCONT' : 'hang-up';
  });
  const extra = `${hangs ? ', a handler hangs' : ''}${rude ? ', a client never reads' : ''}`;
  return `${host}, ${moment}${extra}: ${words.join(` +${Math.round(gap)} ms `)}`;
}
