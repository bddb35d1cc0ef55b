/** zap, logrus, slog and zerolog, the loggers of Go. */
import type { Dialect } from './dialect.js';

const service = ['service', 'service.name', 'logger', 'component'];
const error = ['error', 'err', 'exception', 'exc_info'];

/** https://github.com/uber-go/zap: the production encoder writes `ts` as seconds with a fraction; others write text. */
export const zap: Dialect = {
  name: 'zap',
  recognises: ({ level, ts, msg }) =>
    typeof level === 'string' && typeof msg === 'string' && (typeof ts === 'number' || typeof ts === 'string'),
  time: ['ts'],
  level: ['level'],
  message: ['msg'],
  service,
  error,
};

/** https://pkg.go.dev/log/slog: levels in capitals, with an offset between them (`ERROR+2`). */
export const slog: Dialect = {
  name: 'slog',
  recognises: ({ time, level, msg }) =>
    typeof time === 'string' &&
    typeof level === 'string' &&
    typeof msg === 'string' &&
    /^[A-Z]+(?:[+-]\d+)?$/.test(level),
  time: ['time'],
  level: ['level'],
  message: ['msg'],
  service,
  error,
};

/** https://github.com/sirupsen/logrus, JSONFormatter: RFC 3339 in seconds, unless told otherwise. */
export const logrus: Dialect = {
  name: 'logrus',
  recognises: ({ time, level, msg }) =>
    typeof time === 'string' && typeof level === 'string' && typeof msg === 'string',
  time: ['time'],
  level: ['level'],
  message: ['msg'],
  service,
  error,
};

/** https://github.com/rs/zerolog: as logrus, with `message`; the time is an epoch, or text. */
export const zerolog: Dialect = {
  name: 'zerolog',
  recognises: ({ time, level, message }) =>
    (typeof time === 'string' || typeof time === 'number') && typeof level === 'string' && typeof message === 'string',
  time: ['time'],
  level: ['level'],
  message: ['message'],
  service,
  error,
};
