/** pino, bunyan and winston, the loggers of Node.js. */
import type { Dialect } from './dialect.js';
import { levelOfTens } from './level.js';

const error = ['err', 'error', 'exception', 'stack'];

/** https://github.com/trentm/node-bunyan: `v`, `name`, `hostname`, `pid`, `level`, `time` and `msg` are in every line. */
export const bunyan: Dialect = {
  name: 'bunyan',
  recognises: ({ v, level, name, time }) =>
    v === 0 && typeof level === 'number' && typeof name === 'string' && typeof time === 'string',
  time: ['time'],
  level: ['level'],
  levelOf: levelOfTens,
  message: ['msg'],
  service: ['component', 'service', 'name'],
  error,
};

/** https://getpino.io: `level` as a number, or as a word with a formatter, and `time` in milliseconds. */
export const pino: Dialect = {
  name: 'pino',
  recognises: ({ level, time }) => typeof level === 'number' && (typeof time === 'number' || typeof time === 'string'),
  time: ['time', 'timestamp'],
  level: ['level'],
  levelOf: levelOfTens,
  message: ['msg', 'message', 'event'],
  service: ['service', 'service.name', 'module', 'name'],
  error,
};

/** https://github.com/winstonjs/winston: `level` and `message`, and `timestamp` by format.timestamp(). */
export const winston: Dialect = {
  name: 'winston',
  recognises: ({ level, message, timestamp }) =>
    typeof level === 'string' && typeof message === 'string' && typeof timestamp === 'string',
  time: ['timestamp'],
  level: ['level'],
  message: ['message'],
  service: ['service', 'service.name', 'label'],
  error,
};
