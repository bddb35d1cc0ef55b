/**
 * Makes the README's picture of the dashboard from a real run: `cf-bus run` in a pseudo-terminal, its screen as SVG.
 * Usage: node bench/picture.mjs [scenario] [out.svg] [--size 132x38] [--seconds 9] [--keys TEXT] [--seed N]
 * Build first (npm run build). Keys are typed a second before the picture is taken.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { spawn } from '@lydell/node-pty';
import xterm from '@xterm/headless';

const root = fileURLToPath(new URL('../', import.meta.url));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: 'string', default: '132x38' },
    seconds: { type: 'string', default: '9' },
    keys: { type: 'string', default: '' },
    seed: { type: 'string', default: '42' },
  },
});
const [scenario = 'scenarios/rag-query.yaml', out = 'docs/dashboard.svg'] = positionals;
const [columns, rows] = values.size.split('x').map(Number);

const CELL = { width: 8.4, height: 17 };
const MARGIN = 16;
const BACKGROUND = '#16181d';
const FOREGROUND = '#d8dce4';
const FONT = "ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', Consolas, monospace";
const BASIC = ['#3b4048', '#d55e00', '#009e73', '#e69f00', '#56b4e9', '#cc79a7', '#41b6c4', '#d8dce4'];
const STEPS = [0, 95, 135, 175, 215, 255];

const terminal = await run();
mkdirSync(dirname(resolve(out)), { recursive: true });
writeFileSync(out, picture(terminal));
console.log(`${out}: ${columns}×${rows}`);
process.exit(0);

/** Runs the scenario for a while and gives the terminal with its last screen. */
async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'cf-bus-picture-'));
  const { CI: _ci, NO_COLOR: _none, ...env } = process.env;
  const args = ['bin/cf-bus.js', 'run', scenario, '--seed', values.seed, '--log', join(folder, 'cf-bus.log')];
  const pty = spawn(process.execPath, args, {
    name: 'xterm-256color',
    cols: columns,
    rows,
    cwd: root,
    env: { ...env, TERM: 'xterm-256color', COLORTERM: 'truecolor' },
  });
  const screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
  pty.onData((data) => screen.write(data));
  await wait(Number(values.seconds) * 1_000 - 1_000);
  if (values.keys !== '') pty.write(values.keys);
  await wait(1_000);
  const shown = screen.buffer.active;
  if (shown.type !== 'alternate') throw new Error('no dashboard on the screen; is it built (npm run build)?');
  const lines = Array.from({ length: rows }, (_, row) => cellsOf(shown.getLine(row)));
  pty.write('q');
  await new Promise((done) => pty.onExit(done));
  rmSync(folder, { recursive: true, force: true });
  return lines;
}

/** Runs of cells that look the same. */
function cellsOf(line) {
  const runs = [];
  for (let column = 0; column < columns; column++) {
    const cell = line.getCell(column);
    const width = cell.getWidth();
    if (width === 0) continue;
    const inverse = cell.isInverse() !== 0;
    const front = colorOf(cell, 'Fg') ?? FOREGROUND;
    const back = colorOf(cell, 'Bg');
    const look = {
      front: inverse ? (back ?? BACKGROUND) : front,
      back: inverse ? front : back,
      bold: cell.isBold() !== 0,
      faint: cell.isDim() !== 0,
    };
    const text = cell.getChars() || ' ';
    const last = runs.at(-1);
    if (last !== undefined && JSON.stringify(last.look) === JSON.stringify(look)) {
      last.text += text;
      last.width += width;
    } else runs.push({ column, width, text, look });
  }
  return runs;
}

function colorOf(cell, ground) {
  if (cell[`is${ground}Default`]()) return undefined;
  const color = cell[`get${ground}Color`]();
  if (cell[`is${ground}RGB`]()) return `#${color.toString(16).padStart(6, '0')}`;
  if (color < 8) return BASIC[color];
  if (color < 16) return BASIC[color - 8];
  if (color >= 232) return gray(8 + (color - 232) * 10);
  const index = color - 16;
  const parts = [Math.floor(index / 36), Math.floor(index / 6) % 6, index % 6].map((step) => STEPS[step]);
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`;
}

function gray(level) {
  return `#${level.toString(16).padStart(2, '0').repeat(3)}`;
}

function picture(lines) {
  const width = columns * CELL.width + 2 * MARGIN;
  const height = rows * CELL.height + 2 * MARGIN;
  const body = lines.flatMap((runs, row) => runs.flatMap((run) => drawRun(run, row)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height.toFixed(0)}" font-family="${FONT}" font-size="14">`,
    '<title>cf-bus dashboard</title>',
    `<rect width="100%" height="100%" rx="10" fill="${BACKGROUND}"/>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

function drawRun({ column, width, text, look }, row) {
  const x = (MARGIN + column * CELL.width).toFixed(1);
  const y = MARGIN + row * CELL.height;
  const wide = (width * CELL.width).toFixed(1);
  const parts = [];
  if (look.back !== undefined) {
    parts.push(`<rect x="${x}" y="${y.toFixed(1)}" width="${wide}" height="${CELL.height}" fill="${look.back}"/>`);
  }
  if (text.trim() !== '') {
    const style = `${look.bold ? ' font-weight="bold"' : ''}${look.faint ? ' opacity="0.6"' : ''}`;
    parts.push(
      `<text x="${x}" y="${(y + CELL.height * 0.76).toFixed(1)}" textLength="${wide}" lengthAdjust="spacingAndGlyphs" xml:space="preserve" fill="${look.front}"${style}>${escapeXml(text)}</text>`,
    );
  }
  return parts;
}

function escapeXml(text) {
  return text.replace(/[&<>"]/g, (char) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[char]);
}

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
