/** The page's style sheet: dark and light after the system's wish, and for paper. */
import { MOST_INDENTS } from './rows.js';

const INDENT_PX = 14;
const indents = Array.from(
  { length: MOST_INDENTS + 1 },
  (_, level) => `.i${level} .label{padding-left:${level * INDENT_PX + 18}px}`,
);

/** Readable on both grounds, and told apart by most people who see few colours. */
const LIGHT = ['#0b7285', '#862e9c', '#1864ab', '#2b8a3e', '#a8560a', '#5f3dc4', '#0a7a5c', '#a61e4d'];
const DARK = ['#3bc9db', '#da77f2', '#74c0fc', '#69db7c', '#ffa94d', '#b197fc', '#38d9a9', '#faa2c1'];

function colours(values: readonly string[]): string {
  return values.map((value, index) => `--c${index}:${value}`).join(';');
}

const uses = LIGHT.map(
  (_, index) =>
    `span.c${index}{color:var(--c${index})}rect.c${index}{fill:var(--c${index})}rect.c${index},line.retry.c${index}{stroke:var(--c${index})}`,
);

export const STYLE = `
:root{color-scheme:light dark;--ground:#fff;--raised:#f4f5f7;--text:#1b1f24;--quiet:#5b6470;--line:#d8dde3;--bad:#c01c28;--warn:#8a5a00;--good:#1a7f37;--critical:#d9480f;--mark:#1b1f24;${colours(LIGHT)}}
@media (prefers-color-scheme:dark){:root{--ground:#12151a;--raised:#1b2027;--text:#e6e9ee;--quiet:#98a2b0;--line:#2e3640;--bad:#ff7b72;--warn:#e3b341;--good:#56d364;--critical:#ff922b;--mark:#e6e9ee;${colours(DARK)}}}
*{box-sizing:border-box}
body{margin:0;padding:20px 24px 40px;background:var(--ground);color:var(--text);font:13px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
h1{margin:0 0 2px;font-size:20px;overflow-wrap:anywhere}
h1 .outcome{margin-left:10px;padding:1px 9px;border:1px solid currentColor;border-radius:10px;font-size:13px;vertical-align:3px}
.ok .outcome{color:var(--good)}.failed .outcome{color:var(--bad)}.unfinished .outcome,.unknown .outcome{color:var(--warn)}
p{margin:2px 0}.quiet{color:var(--quiet)}
.answers{display:grid;grid-template-columns:max-content 1fr;gap:2px 14px;margin:10px 0 14px}
.answers dt{color:var(--quiet)}.answers dd{margin:0;overflow-wrap:anywhere}.bad{color:var(--bad)}.warn{color:var(--warn)}
.tools{position:sticky;top:0;z-index:1;display:flex;flex-wrap:wrap;gap:8px;align-items:center;padding:8px 0;background:var(--ground)}
input[type=search]{width:260px;max-width:100%;padding:5px 9px;border:1px solid var(--line);border-radius:6px;background:var(--raised);color:inherit;font:inherit}
button{padding:5px 11px;border:1px solid var(--line);border-radius:6px;background:var(--raised);color:inherit;font:inherit;cursor:pointer}
button[aria-pressed=true]{border-color:currentColor;font-weight:600}
:focus-visible{outline:2px solid var(--c2);outline-offset:-1px}
.defs{position:absolute;width:0;height:0}
.scale,.row{display:grid;grid-template-columns:minmax(180px,38%) 1fr 74px}
.scale{border-bottom:1px solid var(--line)}.scale .bars{height:20px}.scale text{fill:var(--quiet);font-size:11px}
.row{border-bottom:1px solid transparent;cursor:default}
.row:hover,.row:focus{background:var(--raised)}
.label{position:relative;padding:2px 10px 2px 18px;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.label i{margin-left:9px;color:var(--quiet);font-size:12px}.label i.bad{color:var(--bad)}.label i.warn{color:var(--warn)}
.fold{display:inline-block;width:0;height:0;margin:0 7px 1px -14px;border:4.5px solid transparent;border-left-color:var(--quiet);border-right-width:0;transform:rotate(90deg);cursor:pointer}
[aria-expanded=false] .fold{transform:none}
.took{padding:2px 2px 2px 8px;text-align:right;font-variant-numeric:tabular-nums}
.bars{display:block;width:100%;height:24px;overflow:visible}
symbol line{stroke:var(--line);stroke-width:1}
rect{stroke-width:1}rect.run{opacity:.5;rx:2px}rect.run.on{opacity:1}rect.await,rect.outlive{opacity:.55;stroke-width:0}
line.queue{stroke:var(--quiet);stroke-width:2;stroke-dasharray:1 3}line.retry{stroke-width:2;stroke-dasharray:6 4}rect.open{opacity:.35;stroke-dasharray:3 2}
rect.critical{fill:var(--critical);stroke:none}
.mark{fill:var(--mark)}.mark.fail{fill:none;stroke:var(--bad);stroke-width:2.5}.mark.lost{fill:none;stroke:var(--warn);stroke-width:2}
.more{grid-column:1/-1;padding:6px 12px 10px 32px;background:var(--raised)}
.more dl{display:grid;grid-template-columns:max-content 1fr;gap:1px 14px;margin:0}
.more dt{color:var(--quiet)}.more dd{margin:0;white-space:pre-wrap;overflow-wrap:anywhere;font-family:ui-monospace,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:12px}
.miss .label,.miss .took{opacity:.45}
[hidden]{display:none!important}
footer{margin-top:18px;color:var(--quiet);font-size:12px}
footer svg{width:34px;height:24px;margin:0 5px 0 14px;vertical-align:-7px;overflow:visible}footer span{white-space:nowrap}
kbd{padding:0 4px;border:1px solid var(--line);border-radius:3px;font:11px ui-monospace,Menlo,Consolas,monospace}
section+section{margin-top:34px;padding-top:20px;border-top:1px solid var(--line)}
@media (max-width:900px){.scale text:nth-of-type(2n){display:none}}
@media (max-width:620px){body{padding:14px 12px 30px}.scale text:not(:nth-of-type(4n+1)){display:none}.scale,.row{grid-template-columns:minmax(150px,48%) 1fr 62px}footer span{white-space:normal}footer svg{margin-left:0}}
@media print{body{padding:0;font-size:10px}.tools,footer .keys{display:none}.row[hidden]{display:grid!important}.row{break-inside:avoid}.label{white-space:normal;overflow-wrap:anywhere}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
${indents.join('')}
${uses.join('')}
`;
