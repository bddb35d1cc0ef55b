/** Contenders, each in a process of its own, take turns: what slows the machine down slows all of them. */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Reading certificates costs every start of Node.js 40 ms and more. */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;

/**
 * Starts `worker` once for each contender and asks each for a figure, round by round, in an order that changes.
 * @param {{ worker: URL, contenders: Record<string, unknown>, rounds: number, warmUp?: number, execArgv?: string[] }}
 *   options what a contender's name stands for goes to its process; rounds that warm up are not counted
 * @returns {Promise<Map<string, any[]>>} of each contender, what it answered in each round
 */
export async function interleave({ worker, contenders, rounds, warmUp = 1, execArgv = ['--expose-gc'] }) {
  const children = Object.entries(contenders).map(([name, given]) => {
    const child = fork(fileURLToPath(worker), { env, execArgv, serialization: 'advanced' });
    const ended = new Promise((_, reject) => {
      child.on('exit', (code, signal) => reject(new Error(`${name} ended with ${code ?? signal}`)));
    });
    // All of them end at the end.
    ended.catch(() => {});
    const ask = async (message) => {
      const answer = new Promise((resolve) => child.once('message', resolve));
      child.send(message);
      return (await Promise.race([answer, ended])).figure;
    };
    return { name, given, child, ask, answers: [] };
  });
  try {
    await Promise.all(children.map(({ ask, given }) => ask({ prepare: given })));
    for (let round = -warmUp; round < rounds; round++) {
      for (let turn = 0; turn < children.length; turn++) {
        const { ask, answers } = children[(turn + Math.max(0, round)) % children.length];
        const answer = await ask({ round });
        if (round >= 0) answers.push(answer);
      }
    }
  } finally {
    for (const { child } of children) child.kill('SIGKILL');
  }
  return new Map(children.map(({ name, answers }) => [name, answers]));
}

/** The other side: `prepare` gets what the contender's name stands for, and gives what measures one round. */
export function contend(prepare) {
  let measureRound;
  process.on('message', async (message) => {
    if ('prepare' in message) {
      measureRound = await prepare(message.prepare);
      process.send({});
    } else {
      process.send({ figure: await measureRound(message.round) });
    }
  });
}
