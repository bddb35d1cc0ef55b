/** `cf-bus bench`: the guide's "Benefits vs HTTP calls", measured. */
import { cpus } from 'node:os';
import { realClock } from '../../kernel/index.js';
import { busWay } from '../bench/bus-way.js';
import { httpWay, serveHttp } from '../bench/http-way.js';
import { IN_FLIGHT, measureWays } from '../bench/measure.js';
import { type BenchReport, printReport, reportWay } from '../bench/report.js';
import type { Way } from '../bench/way.js';
import type { Context, ExitCode } from '../context.js';
import type { BenchOptions } from '../definitions/benching.js';
import type { Output } from '../output.js';

const CLEAR_LINE = '\r\u001b[K';
const PROGRESS_WIDTH = 24;

export async function bench(context: Context, options: BenchOptions): Promise<ExitCode> {
  const { lifecycle, out, notices, ascii } = context;
  if (options.httpService === true) {
    await serveHttp(context.stdin(), (line) => out.line(line));
    return 0;
  }
  lifecycle.takeSignals(['SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGHUP']);
  const ways = await openWays(context);
  const measured = await measureWays(ways, {
    duration: options.duration,
    clock: realClock,
    signal: lifecycle.signal,
    onStep: (done, what) => showProgress(notices, ascii, done, what),
  });
  if (notices.isTerminal) notices.write(CLEAR_LINE);
  if (measured === undefined) return 0;
  const processors = cpus();
  const report: BenchReport = {
    node: process.version,
    cpu: processors[0]?.model.trim() ?? 'unknown processor',
    cores: processors.length,
    duration_ms: options.duration,
    in_flight: IN_FLIGHT,
    ways: measured.map(reportWay),
  };
  if (options.json === true) out.json(report);
  else printReport(report, out, ascii);
  return 0;
}

async function openWays({ lifecycle }: Context): Promise<Way[]> {
  const ways: Way[] = [];
  const open = (way: Way) => {
    lifecycle.onClose(() => way.close());
    ways.push(way);
  };
  open(await httpWay([process.argv[1] ?? '', 'bench', '--http-service']));
  open(busWay('bus', 'event bus', undefined));
  open(busWay('bus_log', 'event bus, log (info)', 'info'));
  open(busWay('bus_full_log', 'event bus, full log (debug)', 'debug'));
  return ways;
}

function showProgress(notices: Output, ascii: boolean, done: number, what: string): void {
  if (!notices.isTerminal) return;
  const filled = Math.round(done * PROGRESS_WIDTH);
  const [full, empty] = ascii ? ['#', '.'] : ['█', '░'];
  const bar = full.repeat(filled) + notices.paint('dim', empty.repeat(PROGRESS_WIDTH - filled));
  notices.write(`${CLEAR_LINE}${bar} ${String(Math.round(done * 100)).padStart(3)}%  ${what}`);
}
