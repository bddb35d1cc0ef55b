import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyTableMarkdown } from '../../src/dashboard/index.js';
import { scenarioJsonSchema } from '../../src/scenario/index.js';
import { BIN, cleanEnv, ROOT, startCfBus, tempDir } from '../support/cli.js';

const README = readFileSync(join(ROOT, 'README.md'), 'utf8');

interface Block {
  readonly info: string;
  readonly text: string;
}

/** The fenced blocks whose info string starts with `language`, in order. */
function blocks(language: string): readonly Block[] {
  const found = [...README.matchAll(/^```(\S.*)\n([\s\S]*?)^```$/gm)];
  return found
    .map(([, info = '', text = '']) => ({ info, text }))
    .filter(({ info }) => info.split(' ')[0] === language);
}

/** An `npx` that finds what a clone has installed, without asking a registry. */
function withNpx(folder: string): NodeJS.ProcessEnv {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const script = `#!/bin/sh\nname=$1\nshift\ncase "$name" in\n  cf-bus) exec "${process.execPath}" "${BIN}" "$@" ;;\n  *) exec "${ROOT}/node_modules/.bin/$name" "$@" ;;\nesac\n`;
  writeFileSync(join(bin, 'npx'), script);
  chmodSync(join(bin, 'npx'), 0o755);
  return { ...cleanEnv(folder), PATH: `${bin}:${process.env.PATH}` };
}

function shell(
  line: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    execFile('sh', ['-c', line], { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        output: stdout + stderr,
      });
    });
  });
}

describe('the README', () => {
  it('has a tour of which every command does what it says, in this order', async () => {
    const cwd = tempDir();
    const env = withNpx(cwd);
    symlinkSync(join(ROOT, 'scenarios'), join(cwd, 'scenarios'));
    const steps = blocks('sh').filter(({ info }) => info !== 'sh newcomer');
    expect(steps.map(({ info }) => info)).toContain('sh tour');
    for (const { info, text } of steps) {
      for (const line of text.trim().split('\n')) {
        if (info === 'sh session') {
          const session = startCfBus(line.replace(/^npx cf-bus /, '').split(' '), { cwd, timeout: 60_000 });
          await session.waitFor(/index\.completed/);
          continue;
        }
        const { code, output } = await shell(line, cwd, env);
        expect(code, `${line}\n${output}`).toBe(info.includes('fails') ? 1 : 0);
        const file = / -o (\S+)/.exec(line)?.[1];
        expect(file === undefined ? output.trim() : readFileSync(join(cwd, file), 'utf8')).not.toBe('');
      }
    }
  }, 120_000);

  it('has a library example that runs as it stands', async () => {
    const [example] = blocks('ts');
    const cwd = tempDir();
    mkdirSync(join(cwd, 'node_modules'));
    symlinkSync(ROOT, join(cwd, 'node_modules/cf-bus'));
    writeFileSync(join(cwd, 'example.mjs'), example?.text ?? '');
    const { code, output } = await shell(`"${process.execPath}" example.mjs`, cwd, cleanEnv(cwd));
    expect({ code, output }).toEqual({ code: 0, output: '150\n' });
    const log = readFileSync(join(cwd, 'logs/cf-bus.log'), 'utf8');
    expect(log).toMatch(/"event_type":"cache\.cleared".*"trace_id":"req-12345"/);
  });

  it('lists the keys of the dashboard as the dashboard has them', () => {
    expect(README).toContain(keyTableMarkdown().trim());
  });

  it('explains every key of the scenario format', () => {
    const keys = new Set<string>();
    const collect = (node: unknown): void => {
      if (typeof node !== 'object' || node === null) return;
      if ('properties' in node && typeof node.properties === 'object' && node.properties !== null) {
        for (const key of Object.keys(node.properties)) keys.add(key);
      }
      for (const part of Object.values(node)) collect(part);
    };
    collect(scenarioJsonSchema());
    const reference = README.slice(README.indexOf('## Scenario files'));
    const inCode = [...reference.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code).join(' ');
    const missing = [...keys].filter((key) => !new RegExp(`(?<![\\w.])${key}(?!\\w)`).test(inCode));
    expect(keys.size).toBeGreaterThan(40);
    expect(missing).toEqual([]);
  });
});
