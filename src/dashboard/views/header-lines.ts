/** The header's texts: what runs, how it goes, and its figures. */
import { formatDuration } from '../../kernel/index.js';
import type { Data } from '../data/data.js';
import { lastSeconds, ratePerSecond } from '../data/series.js';
import { type Model, shownData, shownNow, tellsDeliveries } from '../model.js';
import { clockTime } from '../select/message.js';
import { gap, type Line, lineWidth, span } from '../text/line.js';
import { compact, sparkline } from '../text/sparkline.js';
import type { Glyphs, Tone } from '../text/theme.js';
import { speedOf } from '../update-controls.js';

/** What is going on, and what holds it up. */
export function badges(model: Model, glyphs: Glyphs): Line {
  const { controls, life, total } = shownData(model);
  const parts: Line[] = [[lifeBadge(model, glyphs)]];
  if (controls.busPaused && life.kind === 'running') parts.push([span(`${glyphs.paused} BUS PAUSED`, 'warn')]);
  if (model.frozen !== undefined) {
    parts.push([span(` VIEW PAUSED, ${compact(model.data.total - total)} held back `, 'cursor')]);
  }
  return parts.flatMap((part) => [...part, gap]);
}

function lifeBadge(model: Model, glyphs: Glyphs): { readonly text: string; readonly tone: Tone } {
  const { life } = shownData(model);
  if (model.scrub !== undefined) {
    const { at, total } = model.scrub;
    return span(
      `LOG ${at}/${total}${at > 0 ? ` at ${clockTime(shownNow(model)).slice(0, model.columns < 100 ? 8 : 12)}` : ''}`,
      'accent',
    );
  }
  if (model.gone !== undefined) return span(`${glyphs.bad} GONE`, 'bad');
  if (life.kind === 'stopped') return span(`${glyphs.ok} ENDED`, 'ok');
  return model.finished ? span(`${glyphs.ok} TRAFFIC OVER`, 'ok') : span(`${glyphs.running} LIVE`, 'ok');
}

/** Where and since when, the least worth knowing first. */
export function facts(model: Model): string[] {
  const { header, columns } = model;
  const data = shownData(model);
  const session = header.session ?? data.session?.session;
  const seed = header.seed ?? data.session?.seed;
  const began = header.started ?? (data.began === 0 ? undefined : data.began);
  const until = data.life.kind === 'stopped' ? data.life.time : shownNow(model);
  const speed = speedOf(model);
  const clock =
    header.clock === 'virtual'
      ? 'virtual'
      : `real x${speed < 1 ? `1/${Math.round(1 / speed)}` : Math.round(speed * 10) / 10}`;
  const parts = [
    clock,
    seed === undefined ? '' : `seed ${seed}`,
    began === undefined ? '' : `up ${upTime(until - began)}`,
  ];
  if (columns >= 100 && session !== undefined) parts.unshift(`session ${session}`);
  return parts.filter((part) => part !== '');
}

/** Whole seconds: a time that runs should not flicker. */
function upTime(ms: number): string {
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1_000))}s` : formatDuration(Math.floor(ms / 1_000) * 1_000);
}

/** The second row. */
export function figures(model: Model, width: number, glyphs: Glyphs): Line {
  const data = shownData(model);
  const now = shownNow(model);
  const errorRate = ratePerSecond(data.failures, now, data.began);
  const errors = errorRate > 0 ? `errors (${compact(errorRate)}/s)` : 'errors';
  const apart = span(width < 100 ? '  ' : '   ');
  const figure: Figure = (value, label, tone = 'title') => [
    span(compact(value), tone),
    span(` ${value === 1 ? label.replace(/s\b/, '') : label}`, 'dim'),
    apart,
  ];
  const others: Line = [
    apart,
    ...figure(data.events, 'events'),
    ...figure(data.errors, errors, data.errors > 0 ? 'bad' : 'title'),
    ...(tellsDeliveries(model) ? underWay(data, figure) : [span('deliveries not logged', 'dim'), apart]),
    ...(data.leftOut > 0 ? figure(data.leftOut, 'left out', 'warn') : []),
  ];
  const rate = [
    gap,
    span(compact(ratePerSecond(data.published, now, data.began)).padStart(5), 'title'),
    span(' events/s ', 'dim'),
  ];
  // In steps: the bars should not shift with every digit.
  const room = Math.floor((width - lineWidth([...rate, ...others])) / 6) * 6;
  const bars = sparkline(lastSeconds(data.published, now, Math.max(0, Math.min(60, room))), glyphs);
  return [...rate, span(bars, 'spark'), ...others];
}

type Figure = (value: number, label: string, tone?: Tone) => Line;

function underWay({ subscribers }: Data, figure: Figure): Line {
  let inFlight = 0;
  let waiting = 0;
  for (const one of subscribers.values()) {
    inFlight += one.inFlight;
    waiting += one.queued + one.waiting;
  }
  return [...figure(inFlight, 'in flight'), ...figure(waiting, 'waiting', waiting > 0 ? 'warn' : 'title')];
}
