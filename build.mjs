/**
 * `npm run build`: everything in dist/, from scratch, in a second or two.
 *
 *   dist/index.js, dist/trace.js   the library: ES modules, the packages of "dependencies" stay outside
 *   dist/types/                    their declarations
 *   dist/scenario.schema.json      the scenario format for editors
 *   dist/cli/                      the command line: CommonJS bundles that start fast, loaded as they are needed
 *   dist/cli/dashboard.mjs         the dashboard's door: an ES module; drawing.mjs beside it: Ink, and what draws
 *   dist/THIRD_PARTY_NOTICES.txt   licences of all that was bundled
 *
 * Files are replaced only where they differ, so that builds at the same time do no harm.
 */
import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, transform } from 'esbuild';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const LAZY = 'cf-bus-lazy:';

const common = {
  absWorkingDir: root,
  bundle: true,
  write: false,
  metafile: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  define: { 'process.env.NODE_ENV': '"production"', 'Intl.Segmenter': 'LazySegmenter' },
  inject: ['build/lazy-segmenter.js'],
};

/** Modules that are asked for but never used: an empty object in their place. */
function without(...modules) {
  return {
    name: 'without',
    setup(setup) {
      const filter = new RegExp(`^(?:${modules.join('|')})$`);
      setup.onResolve({ filter }, ({ path }) => ({ path, namespace: 'unused' }));
      setup.onLoad({ filter: /.*/, namespace: 'unused' }, () => ({ contents: 'export default {};' }));
    },
  };
}

/** Modules that are loaded when one of their functions, which are listed, is first called. */
function late(modules) {
  return {
    name: 'late',
    setup(setup) {
      const filter = new RegExp(`^(?:${Object.keys(modules).join('|')})$`);
      setup.onResolve({ filter }, ({ path, namespace }) =>
        namespace === 'late' ? undefined : { path, namespace: 'late' },
      );
      setup.onLoad({ filter: /.*/, namespace: 'late' }, ({ path }) => {
        const functions = modules[path].map((name) =>
          [
            name === 'default' ? 'export default' : `export const ${name} =`,
            `(...all) => require('${path}').${name}(...all);`,
          ].join(' '),
        );
        return { contents: functions.join('\n'), resolveDir: root };
      });
    },
  };
}

/** The library's doors. */
function buildLibrary() {
  return build({
    ...common,
    entryPoints: { index: 'src/index.ts', trace: 'src/trace/index.ts' },
    outdir: dist,
    format: 'esm',
    splitting: true,
    chunkNames: 'shared/[hash]',
    external: Object.keys(manifest.dependencies),
    // The library runs in the user's process: NODE_ENV is theirs.
    define: { 'Intl.Segmenter': 'LazySegmenter' },
  });
}

/**
 * The command line. Every `import()` of a source file becomes a bundle of its own, loaded by a `require`; of the
 * dashboard, a real `import()`, because Ink is an ES module with top-level await. All other `import()` stay as they are.
 *
 * Each bundle holds its own copy of what it shares with others: one command loads two or three of them. All in one file
 * would be a megabyte, and 30 ms more at each start.
 */
async function buildCommandLine() {
  const seen = new Set();
  const results = [];
  let entries = [join(root, 'src/cli/main.ts')];
  let dashboard;
  while (entries.length > 0) {
    const found = new Set();
    const lazy = {
      name: 'lazy',
      setup(setup) {
        setup.onResolve({ filter: /^\.{1,2}\// }, async ({ path, kind, resolveDir, pluginData }) => {
          if (kind !== 'dynamic-import' || pluginData === LAZY) return undefined;
          const resolved = await setup.resolve(path, { kind, resolveDir, pluginData: LAZY });
          if (resolved.errors.length > 0 || resolved.path.includes('node_modules')) return resolved;
          if (relative(root, resolved.path).startsWith(join('src', 'dashboard'))) {
            dashboard = resolved.path;
            return { path: `${LAZY}dashboard.mjs`, external: true };
          }
          found.add(resolved.path);
          return { path: `${LAZY}${bundleName(resolved.path)}.js`, external: true };
        });
      },
    };
    for (const entry of entries) seen.add(entry);
    const result = await build({
      ...common,
      // The same code as ES modules: what nobody uses is left out, and the rest is loaded in one piece.
      alias: { yaml: join(root, 'node_modules/yaml/browser/dist/index.js') },
      entryPoints: entries.map((entry) => ({ in: entry, out: bundleName(entry) })),
      outdir: join(dist, 'cli'),
      format: 'cjs',
      plugins: [
        lazy,
        // Commander asks for child_process for a kind of command that we do not have, Liquid for streams to render to,
        // pino for threads to log from: 1 to 3 ms each.
        without('node:child_process', 'stream', 'thread-stream', 'worker_threads'),
        // A run that writes no log needs no pino, few scenarios hash, and nearly all text is as wide as it is long.
        late({ pino: ['pino'], crypto: ['createHash', 'createHmac'], 'string-width': ['default'] }),
      ],
    });
    results.push(result);
    entries = [...found].filter((entry) => !seen.has(entry));
  }
  for (const result of results) checkBundles(result.metafile);
  if (dashboard !== undefined) results.push(await buildDashboard(dashboard));
  return results;
}

function buildDashboard(entry) {
  return build({
    ...common,
    entryPoints: { dashboard: entry, drawing: join(dirname(entry), 'drawing.ts') },
    outdir: join(dist, 'cli'),
    format: 'esm',
    outExtension: { '.js': '.mjs' },
    // Packages inside are CommonJS in part, and ask for Node's own modules by `require`.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
    plugins: [without('react-devtools-core'), drawing],
  });
}

/** The thread of the bus needs the dashboard's door alone; what draws is a file that the dashboard's own thread loads. */
const drawing = {
  name: 'drawing',
  setup(setup) {
    setup.onResolve({ filter: /\/drawing\.js$/ }, () => ({ path: './drawing.mjs', external: true }));
  },
};

/** `src/cli/commands/trace.ts` → `commands/trace`; of other rooms `src/simulator/x.ts` → `simulator/x`. */
function bundleName(file) {
  const name = relative(join(root, 'src'), file)
    .replace(/\.tsx?$/, '')
    .split(sep)
    .join('/');
  return name.startsWith('cli/') ? name.slice('cli/'.length) : name;
}

/** Bundles that read scenarios, write logs or know a schema; all others start without the packages for that. */
const HEAVY_BUNDLES = /\/(?:run|check|capture|schema|stats|bench|open-one-shot)\.js$/;

/** A static import in the wrong place would make every start of a command pay for what it does not need. */
function checkBundles(metafile) {
  for (const [output, { inputs }] of Object.entries(metafile.outputs)) {
    const find = (pattern) => Object.keys(inputs).find((input) => pattern.test(input));
    const dashboard = find(/^src\/dashboard\/|node_modules\/(?:react|ink)\//);
    if (dashboard !== undefined) {
      throw new Error(`${output} contains ${dashboard}: import the dashboard with import(), never statically`);
    }
    const heavy = HEAVY_BUNDLES.test(output) ? undefined : find(/node_modules\/(?:pino|zod|yaml|liquidjs)\//);
    if (heavy !== undefined) throw new Error(`${output} contains ${heavy}, which makes its start slow`);
  }
}

/** Text of an output file: of a bundle of the command line, with lazy imports resolved and lazy built-in modules. */
async function outputText(file) {
  if (!file.path.startsWith(join(dist, 'cli'))) return file.text;
  // main.js is loaded by Node.js, the dashboard as an ES module, and all others by src/cli/bundle-cache.ts.
  const isMain = file.path === join(dist, 'cli', 'main.js');
  const isBundle = !isMain && file.path.endsWith('.js');
  const here = dirname(file.path);
  const linked = file.text.replace(/\bimport\("cf-bus-lazy:([^"]+)"\)/g, (_, name) => {
    const path = relative(here, join(dist, 'cli', name))
      .split(sep)
      .join('/');
    const specifier = JSON.stringify(path.startsWith('.') ? path : `./${path}`);
    if (name.endsWith('.mjs')) return `import(${specifier})`;
    const load = isMain ? `requireBundle(__dirname + ${JSON.stringify(`/${path}`)})` : `require(${specifier})`;
    return `Promise.resolve().then(() => ${load})`;
  });
  // Code from V8's cache cannot import by itself.
  const text = isBundle ? linked.replace(/(?<![\w$.])import\(/g, 'require.import(') : linked;
  // Names stay as they are: a stack trace is for reading.
  const { code } = await transform(lazyModules(text), {
    minifyWhitespace: true,
    minifySyntax: true,
    target: common.target,
  });
  // esbuild leaves letters in regular expressions. One beyond Latin, and V8 holds the whole file in two bytes a letter.
  const ascii = code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  // The function that Node.js would put around it: to add it at each start is to copy the whole text.
  return isBundle ? `(function (exports, require, module, __filename, __dirname) {${ascii}})` : ascii;
}

/**
 * Node's own modules are loaded at their first use: `node:zlib`, `node:net` and the like take up to 3 ms each, and most
 * runs of most commands use few of them. Liquid is, too: few scenarios hold a template.
 */
function lazyModules(text) {
  const names = new Set();
  const declared = text.replace(
    /^var (import_\w+) = (.*\brequire(?:\("node:[^"]+"\)|_liquid_node\(\)).*);$/gm,
    (_, name, load) => {
      names.add(name);
      return `var ${name}$value; function ${name}$() { return ${name}$value ??= ${load}; }`;
    },
  );
  // In brackets, for `new module.Name()`.
  return declared.replace(/\bimport_\w+\b(?!\$)/g, (name) => (names.has(name) ? `(${name}$())` : name));
}

/** Declarations of the library's doors. Types are checked by `npm run check`, not here. */
async function emitTypes(files) {
  const outDir = mkdtempSync(join(tmpdir(), 'cf-bus-types-'));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  try {
    await new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--outDir', outDir], {
        cwd: root,
        stdio: 'inherit',
      });
      child.on('error', reject);
      child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`tsc ended with exit code ${code}`))));
    });
    for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      files.set(join(dist, 'types', relative(outDir, path)), readFileSync(path, 'utf8'));
    }
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

/** The scenario's JSON Schema, from the code that validates scenarios. */
async function emitScenarioSchema(files) {
  const folder = mkdtempSync(join(root, 'node_modules', '.cf-bus-schema-'));
  try {
    const outfile = join(folder, 'scenario.mjs');
    await build({
      ...common,
      write: true,
      metafile: false,
      entryPoints: ['src/scenario/index.ts'],
      outfile,
      format: 'esm',
      packages: 'external',
    });
    const { scenarioJsonSchema } = await import(pathToFileURL(outfile).href);
    files.set(join(dist, 'scenario.schema.json'), `${JSON.stringify(scenarioJsonSchema(), null, 2)}\n`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Name, version and licence of each package whose code is in dist/. */
function thirdPartyNotices(results) {
  const folders = new Set();
  for (const { metafile } of results) {
    for (const { inputs } of Object.values(metafile.outputs)) {
      for (const input of Object.keys(inputs)) {
        const match = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input);
        if (match) folders.add(match[1]);
      }
    }
  }
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    const file = readdirSync(join(root, folder)).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, folder, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  const rule = `\n${'-'.repeat(78)}\n\n`;
  // A package may be there several times, below others.
  return `cf-bus contains code of the packages below, under their licences.\n${rule}${[...new Set(parts)].join(rule)}`;
}

/** Writes what differs, each file in one step, and removes what is no longer made. */
function writeDist(files) {
  for (const [path, text] of files) {
    if (existsSync(path) && readFileSync(path, 'utf8') === text) continue;
    mkdirSync(dirname(path), { recursive: true });
    const temporary = `${path}.${process.pid}.tmp`;
    writeFileSync(temporary, text);
    renameSync(temporary, path);
  }
  for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !files.has(path) && !path.endsWith('.tmp')) rmSync(path, { force: true });
  }
}

const files = new Map([[join(dist, 'cli', 'package.json'), '{ "type": "commonjs" }\n']]);
const [library, commandLine] = await Promise.all([
  buildLibrary(),
  buildCommandLine(),
  emitTypes(files),
  emitScenarioSchema(files),
]);
const results = [library, ...commandLine];
for (const { outputFiles } of results) {
  for (const file of outputFiles) files.set(file.path, await outputText(file));
}
files.set(join(dist, 'THIRD_PARTY_NOTICES.txt'), thirdPartyNotices(results));
writeDist(files);
