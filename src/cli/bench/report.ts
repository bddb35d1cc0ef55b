/** What `bench` tells: tables with bars for people, one JSON value for programs. */
import { formatDuration, plural } from '../../kernel/index.js';
import type { Output } from '../output.js';
import { type Column, table } from '../table.js';
import { IN_FLIGHT, type Measured } from './measure.js';

export interface BenchReport {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly duration_ms: number;
  /** Requests under way at once where throughput was measured. */
  readonly in_flight: number;
  /** The HTTP call first. */
  readonly ways: readonly WayReport[];
}

interface WayReport {
  readonly name: string;
  readonly title: string;
  readonly requests: number;
  readonly latency_us: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  readonly requests_per_second: number;
}

export function reportWay({ way, latencies, throughput }: Measured): WayReport {
  const microseconds = (share: number) => {
    const ms = latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))] ?? Number.NaN;
    return Math.round(ms * 1e5) / 100;
  };
  return {
    name: way.name,
    title: way.title,
    requests: latencies.length,
    latency_us: { p50: microseconds(0.5), p95: microseconds(0.95), p99: microseconds(0.99), max: microseconds(1) },
    requests_per_second: Math.round(throughput),
  };
}

const LONGEST_BAR = 40;
const SHORTEST_BAR = 10;
/** What stands beside a bar: the names, the figures and `1,234 times less`. */
const BESIDE_BAR = 70;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

export function printReport(report: BenchReport, out: Output, ascii: boolean): void {
  const [http, bus] = report.ways;
  if (http === undefined || bus === undefined) return;
  const { paint } = out;
  const width = Math.max(SHORTEST_BAR, Math.min(LONGEST_BAR, out.columns - BESIDE_BAR));
  const bars = (value: (way: WayReport) => number) => {
    const most = Math.max(...report.ways.map(value));
    return (way: WayReport) => paint(way === http ? 'yellow' : 'green', bar(value(way) / most, width, ascii));
  };
  const title = `${paint('bold', 'Benefits vs HTTP calls')}, measured on this machine`;
  const cores = plural(report.cores, 'core');
  const where = `Node.js ${report.node}, ${cores} (${report.cpu}), ${formatDuration(report.duration_ms)}`;
  const sections = [
    [title, paint('dim', where)],
    latencySection(report, http, { bars, duration: durations(ascii) }, out),
    throughputSection(report, http, bars, out),
    guideSection(http, bus, durations(ascii), out),
  ];
  out.line(sections.map((lines) => lines.join('\n')).join('\n\n'));
}

type Bars = (value: (way: WayReport) => number) => (way: WayReport) => string;

function latencySection(
  { ways }: BenchReport,
  http: WayReport,
  { bars, duration }: { readonly bars: Bars; readonly duration: Duration },
  { paint }: Output,
): string[] {
  const draw = bars((way) => way.latency_us.p50);
  const rows = ways.map((way) => {
    const { p50, p95, p99 } = way.latency_us;
    const beside = way === http ? '' : `  ${compared(p50 / http.latency_us.p50)}`;
    return [way.title, duration(p50), duration(p95), duration(p99), draw(way) + beside];
  });
  const columns = [{ title: 'LATENCY, question to answer' }, right('P50'), right('P95'), right('P99'), { title: '' }];
  return table(columns, rows, paint);
}

function throughputSection({ ways }: BenchReport, http: WayReport, bars: Bars, { paint }: Output): string[] {
  const draw = bars((way) => way.requests_per_second);
  const rows = ways.map((way) => {
    const beside = way === http ? '' : `  ${compared(way.requests_per_second / http.requests_per_second)}`;
    return [way.title, count(way.requests_per_second), draw(way) + beside];
  });
  const columns = [{ title: `THROUGHPUT, ${IN_FLIGHT} requests at once` }, right('A SECOND'), { title: '' }];
  return table(columns, rows, paint);
}

/** The guide's table: its rows on latency and scalability with what was measured, the others as they are. */
function guideSection(http: WayReport, bus: WayReport, duration: Duration, { paint }: Output): string[] {
  const rows = [
    [
      'Latency',
      `${duration(http.latency_us.p50)} and the network (guide: 5-50ms)`,
      `${duration(bus.latency_us.p50)} (guide: <1ms)`,
    ],
    ['Scalability', `${count(http.requests_per_second)} requests/s`, `${count(bus.requests_per_second)} requests/s`],
    ['Coupling', 'URLs, ports', 'event types'],
    ['Debugging', 'a log in each service', 'one trace: cf-bus trace'],
    ['Reliability', 'the network can fail', 'no network'],
  ];
  return table([{ title: 'ASPECT' }, { title: 'HTTP CALLS' }, { title: 'EVENT BUS' }], rows, paint);
}

/** A share of the width; something is drawn whatever it is. */
function bar(share: number, width: number, ascii: boolean): string {
  if (ascii) return '#'.repeat(Math.max(1, Math.round(share * width)));
  const eighths = Math.max(1, Math.round(share * width * 8));
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}

function right(title: string): Column {
  return { title, align: 'right' };
}

type Duration = (microseconds: number) => string;

function durations(ascii: boolean): Duration {
  const unit = ascii ? 'us' : 'µs';
  return (microseconds) =>
    microseconds < 999.5 ? `${microseconds.toPrecision(3)}${unit}` : formatDuration(microseconds / 1_000);
}

/** `12 times more`, `3.5 times less`. */
function compared(ratio: number): string {
  const times = Math.max(ratio, 1 / ratio);
  return `${times < 10 ? times.toFixed(1) : count(times)} times ${ratio < 1 ? 'less' : 'more'}`;
}

function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
