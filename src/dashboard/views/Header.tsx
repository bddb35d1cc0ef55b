import type { ReactElement } from 'react';
import { formatDuration } from '../../kernel/index.js';
import { lastSeconds, ratePerSecond } from '../data/series.js';
import { type Model, shownData, shownNow } from '../model.js';
import { clockTime } from '../select/message.js';
import { gap, type Line, paint, span, spread } from '../text/line.js';
import { compact, sparkline } from '../text/sparkline.js';
import type { Glyphs, Tone } from '../text/theme.js';
import { speedOf } from '../update-controls.js';
import { Rows, type Ui } from './Pane.js';

interface Props {
  readonly ui: Ui;
  readonly model: Model;
  readonly lines: 0 | 1 | 2;
}

export function Header({ ui, model, lines }: Props): ReactElement {
  const { theme } = ui;
  const width = model.columns;
  const first = spread(
    [span(' cf-bus ', 'ruleFocus'), span(model.header.title, 'title'), gap, gap, ...badges(model, theme.glyphs)],
    width >= 60 ? [span(facts(model), 'dim'), gap] : [],
    width,
  );
  const painted = [first, figures(model, width, theme.glyphs)].map((line) => paint(line, width, theme));
  return <Rows ui={ui} width={model.columns} painted={painted.slice(0, lines)} />;
}

/** What is going on, and what holds it up. */
export function badges(model: Model, glyphs: Glyphs): Line {
  const { controls, life, total } = shownData(model);
  const parts: Line[] = [[lifeBadge(model, glyphs)]];
  if (controls.busPaused && life.kind === 'running') parts.push([span(`${glyphs.paused} BUS PAUSED`, 'warn')]);
  if (model.frozen !== undefined) {
    parts.push([span(` VIEW PAUSED: ${compact(model.data.total - total)} records held back `, 'cursor')]);
  }
  return parts.flatMap((part) => [...part, gap]);
}

function lifeBadge(model: Model, glyphs: Glyphs): { readonly text: string; readonly tone: Tone } {
  const { life } = shownData(model);
  if (model.scrub !== undefined) {
    const { at, total } = model.scrub;
    return span(`LOG ${at}/${total}${at > 0 ? ` at ${clockTime(shownNow(model))}` : ''}`, 'accent');
  }
  if (model.gone !== undefined) return span(`${glyphs.bad} GONE`, 'bad');
  if (life.kind === 'stopped') return span(`${glyphs.ok} ENDED`, 'ok');
  return model.finished ? span(`${glyphs.ok} TRAFFIC OVER`, 'ok') : span(`${glyphs.running} LIVE`, 'ok');
}

function facts(model: Model): string {
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
  return parts.filter((part) => part !== '').join('  ');
}

/** Whole seconds: a time that runs should not flicker. */
function upTime(ms: number): string {
  return ms < 60_000 ? `${Math.max(0, Math.floor(ms / 1_000))}s` : formatDuration(Math.floor(ms / 1_000) * 1_000);
}

function figures(model: Model, width: number, glyphs: Glyphs): Line {
  const data = shownData(model);
  const now = shownNow(model);
  const subscribers = [...data.subscribers.values()];
  const sum = (of: (one: (typeof subscribers)[number]) => number) =>
    subscribers.reduce((total, one) => total + of(one), 0);
  const spark = Math.max(8, Math.min(60, width - 78));
  const errorRate = ratePerSecond(data.failures, now, data.began);
  const figure = (value: string, label: string, tone: Tone = 'title'): Line => [
    span(value, tone),
    span(` ${label}   `, 'dim'),
  ];
  const waiting = sum(({ queued, waiting: retrying }) => queued + retrying);
  return [
    gap,
    ...figure(compact(ratePerSecond(data.published, now, data.began)), 'events/s'),
    span(sparkline(lastSeconds(data.published, now, spark), glyphs), 'spark'),
    span('   '),
    ...figure(compact(data.events), 'events'),
    ...figure(
      compact(data.errors),
      errorRate > 0 ? `errors (${compact(errorRate)}/s)` : 'errors',
      data.errors > 0 ? 'bad' : 'title',
    ),
    ...figure(compact(sum(({ inFlight }) => inFlight)), 'in flight'),
    ...figure(compact(waiting), 'waiting', waiting > 0 ? 'warn' : 'title'),
    ...(data.leftOut > 0 ? figure(compact(data.leftOut), 'left out', 'warn') : []),
  ];
}
