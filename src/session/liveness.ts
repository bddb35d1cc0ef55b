/** Whether a session that somebody described is still there. */
import { lstatSync, readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { type Clock, sleep, systemErrorCode } from '../kernel/index.js';
import type { SessionDescription } from './protocol.js';

/** A socket is dead only when it refuses this often: a run that is just starting may refuse once. */
const PROBES = 4;
const PROBE_GAP_MS = 25;

/** `gone` can be swept. `silent` refuses, but a process with its pid lives, and nothing tells whether it is the one. */
export type Liveness = 'alive' | 'silent' | 'gone';

/** When process `pid` started, in ticks since the machine did; `undefined` where the system does not tell (or it is over). */
export function processStarted(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the program's name in brackets, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

type ProcessState = 'same' | 'dead' | 'unsure';

function processState({ pid, process_started: started }: SessionDescription): ProcessState {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (systemErrorCode(error) === 'ESRCH') return 'dead';
  }
  if (started === undefined) return 'unsure';
  return processStarted(pid) === started ? 'same' : 'dead';
}

/** Asks the system first and the socket only where that leaves a doubt: the usual case costs no connection. */
export async function liveness(session: SessionDescription, clock: Clock): Promise<Liveness> {
  // Not `existsSync`, to which any trouble of the system is a file that is not there: what is gone is swept.
  if (lstatSync(session.socket, { throwIfNoEntry: false }) === undefined) return 'gone';
  const state = processState(session);
  if (state === 'same') return 'alive';
  // A process of another container may listen although its pid means nothing here.
  const answer = await probeSocket(session.socket, clock);
  if (answer !== 'refused') return answer === 'accepted' ? 'alive' : 'gone';
  return state === 'dead' ? 'gone' : 'silent';
}

/** Tries to connect; refused only after four times, 25 ms apart. */
export async function probeSocket(socket: string, clock: Clock): Promise<'accepted' | 'refused' | 'missing'> {
  for (let probe = 1; ; probe++) {
    const code = await connectOnce(socket);
    if (code === undefined) return 'accepted';
    if (code === 'ENOENT') return 'missing';
    // Anything else (no permission, too many waiting) is a listener that lives.
    if (code !== 'ECONNREFUSED' && code !== 'ENOTSOCK') return 'accepted';
    if (probe === PROBES) return 'refused';
    await sleep(clock, PROBE_GAP_MS);
  }
}

function connectOnce(socket: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const connection = createConnection(socket);
    connection.once('connect', () => {
      connection.destroy();
      resolve(undefined);
    });
    connection.once('error', (error) => resolve(systemErrorCode(error) ?? 'UNKNOWN'));
  });
}
