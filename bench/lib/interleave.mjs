/** Contenders, each in a process of its own, take turns: what slows the machine down slows all of them. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Reading certificates costs every start of Node.js 40 ms and more. */
const { NODE_EXTRA_CA_CERTS: _certificates, NODE_OPTIONS: _options, ...env } = process.env;

/**
 * Starts `worker` once for each contender and asks each for a figure, round by round, in an order that changes. The first
 * round warms up and is not counted.
 * @param {{ worker: URL, contenders: Record<string, unknown>, rounds: number, execArgv?: string[] }} options what a
 *   contender's name stands for goes to its process
 * @returns {Promise<Map<string, any[]>>} of each contender, what it answered in each round
 */
export async function interleave({ worker, contenders, rounds, execArgv = ['--expose-gc'] }) {
  const children = Object.entries(contenders).map(([name, given]) => {
    const child = fork(fileURLToPath(worker), { env, execArgv, serialization: 'advanced' });
    return { name, given, child, answers: [] };
  });
  try {
    await Promise.all(children.map(({ child, given }) => ask(child, { prepare: given })));
    for (let round = -1; round < rounds; round++) {
      for (let turn = 0; turn < children.length; turn++) {
        const { child, answers } = children[(turn + Math.max(0, round)) % children.length];
        const answer = await ask(child, { round });
        if (round >= 0) answers.push(answer);
      }
    }
  } finally {
    for (const { child } of children) child.kill('SIGKILL');
  }
  return new Map(children.map(({ name, answers }) => [name, answers]));
}

async function ask(child, message) {
  child.send(message);
  const [answer] = await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code, signal]) => {
      throw new Error(`a contender ended with ${code ?? signal}`);
    }),
  ]);
  return answer.figure;
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
