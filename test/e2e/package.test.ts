import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERSION } from '../../src/kernel/index.js';
import { cleanEnv, ROOT } from '../support/cli.js';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'cfb-'));
const prefix = join(folder, 'global');
const installed = join(prefix, 'lib/node_modules/cf-bus');
let tarball = '';

// The package as it would be published, installed as a user would install it.
beforeAll(async () => {
  const { stdout } = await run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
    cwd: ROOT,
  });
  tarball = join(folder, JSON.parse(stdout)[0].filename);
  await run('npm', ['install', '--global', '--prefix', prefix, '--prefer-offline', tarball], { cwd: folder });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a module of a program that depends on the package, in a folder of its own. */
async function asDependent(source: string): Promise<string> {
  const project = mkdtempSync(join(folder, 'project-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(installed, join(project, 'node_modules/cf-bus'));
  writeFileSync(join(project, 'main.mjs'), source);
  const { stdout } = await run(process.execPath, ['main.mjs'], { cwd: project, env: cleanEnv(project) });
  return stdout;
}

describe('the packed package', () => {
  it('installs with npm i -g and runs', async () => {
    const { stdout, stderr } = await run(join(prefix, 'bin/cf-bus'), ['--version'], { env: cleanEnv(folder) });
    expect({ stdout, stderr }).toEqual({ stdout: `${VERSION}\n`, stderr: '' });
    const types = await run(join(prefix, 'bin/cf-bus'), ['types'], { cwd: folder, env: cleanEnv(folder) });
    expect(types.stdout).toContain('index.updated');
  });

  it('is a library: publish and subscribe work from another program', async () => {
    const stdout = await asDependent(`
      import { EventBus, EventType } from 'cf-bus';
      const bus = new EventBus();
      bus.subscribe(EventType.INDEX_UPDATED, (event) => console.log(event.payload.files_indexed));
      const report = await bus.publish({ type: EventType.INDEX_UPDATED, payload: { repo_path: '/srv/web', files_indexed: 150, chunks_created: 1200 } });
      console.log(report.deliveries[0].state);
    `);
    expect(stdout).toBe('150\ndone\n');
  });

  it('offers the tracer as cf-bus/trace', async () => {
    expect(await asDependent("import * as trace from 'cf-bus/trace'; console.log(typeof trace.findTrace);")).toBe(
      'function\n',
    );
  });

  it('brings no more packages than it declares, and no source maps, tests or sources', async () => {
    const { stdout } = await run('tar', ['-tzf', tarball]);
    const folders = new Set(
      stdout
        .trim()
        .split('\n')
        .map((path) => path.split('/')[1]),
    );
    const allowed = new Set(['package.json', ...JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).files]);
    expect([...folders].filter((name) => name !== undefined && !allowed.has(name))).toEqual([]);
    expect(stdout).not.toMatch(/\.tmp$|\.map$|\.test\./m);
  });

  it('has nothing for publint to say', async () => {
    const { messages, pkg } = await publint({ pkgDir: installed, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  it('has types that are right for every way to resolve an ES module', async () => {
    const attw = join(ROOT, 'node_modules/@arethetypeswrong/cli/dist/index.js');
    const { stdout } = await run(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-color'], {
      cwd: folder,
    });
    // It ends with an exit code of its own for any problem.
    expect(stdout).toMatch(/"cf-bus\/trace" .*🟢 \(ESM\)/);
  });

  it('type-checks in a strict program that checks libraries too, and lets it type its own events', async () => {
    const project = join(folder, 'typed');
    mkdirSync(join(project, 'node_modules/@types'), { recursive: true });
    symlinkSync(installed, join(project, 'node_modules/cf-bus'));
    symlinkSync(join(ROOT, 'node_modules/@types/node'), join(project, 'node_modules/@types/node'));
    symlinkSync(join(ROOT, 'node_modules/undici-types'), join(project, 'node_modules/undici-types'));
    const compilerOptions = {
      target: 'ES2023',
      lib: ['ES2023', 'ESNext.Disposable'],
      module: 'NodeNext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ['node'],
      noEmit: true,
    };
    writeFileSync(join(project, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
    writeFileSync(
      join(project, 'main.ts'),
      `import { EventBus, EventType, type LogRecord } from 'cf-bus';
import { findTrace } from 'cf-bus/trace';
declare module 'cf-bus' {
  interface EventPayloads { 'cache.cleared': { readonly keys: number } }
}
const bus = new EventBus();
bus.subscribe(EventType.INDEX_UPDATED, (event) => event.payload.files_indexed.toFixed());
bus.subscribe('cache.cleared', (event) => event.payload.keys.toFixed());
// @ts-expect-error keys is a number
await bus.publish({ type: 'cache.cleared', payload: { keys: 'all' } });
export const traceOf = (record: LogRecord) => (record.event === 'event_published' ? record.trace_id : undefined);
export { findTrace };
`,
    );
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', project]).catch(({ stdout }) => expect(stdout).toBe(''));
  });
});

describe('the supply chain', () => {
  interface Locked {
    readonly integrity?: string;
    readonly dev?: boolean;
    readonly hasInstallScript?: boolean;
    readonly dependencies?: Readonly<Record<string, string>>;
    readonly devDependencies?: Readonly<Record<string, string>>;
  }
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const locked: Readonly<Record<string, Locked>> = JSON.parse(
    readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
  ).packages;
  const packages = Object.entries(locked).filter(([path]) => path !== '');

  it('pins every package with its checksum, for exactly what package.json asks for', () => {
    expect(packages.length).toBeGreaterThan(0);
    expect(packages.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
    const { dependencies, devDependencies } = locked[''] ?? {};
    expect({ dependencies, devDependencies }).toEqual({
      dependencies: manifest.dependencies,
      devDependencies: manifest.devDependencies,
    });
  });

  it('runs no code at installation: neither the package nor anything it needs has a script for that', () => {
    const production = packages.filter(([, { dev }]) => dev !== true);
    expect(production.map(([path]) => path)).toContain('node_modules/pino');
    expect(production.filter(([, { hasInstallScript }]) => hasInstallScript === true)).toEqual([]);
    expect(Object.keys(manifest.scripts).filter((name) => /^(?:pre|post)?install$/.test(name))).toEqual([]);
  });

  it('has one dependency that users install, and says of each direct one why it is there', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['pino']);
    const [, reasons = ''] = readFileSync(join(ROOT, 'ARCHITECTURE.md'), 'utf8').split('## Dependencies');
    const named = [...reasons.matchAll(/^\| (.+?) \| \S.* \|$/gm)].flatMap(([, names = '']) => names.split(', '));
    const direct = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    expect(named.filter((name) => name !== 'package').sort()).toEqual(direct.sort());
  });

  it('tells how to report a vulnerability, in the package too', () => {
    expect(readFileSync(join(installed, 'SECURITY.md'), 'utf8')).toContain('Report a vulnerability');
  });
});
