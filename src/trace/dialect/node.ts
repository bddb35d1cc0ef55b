/** pino, bunyan and winston, the loggers of Node.js. */
import { isObject } from '../../kernel/index.js';
import type { Dialect } from './dialect.js';
import { levelOfTens } from './level.js';
import { isText } from './path.js';

const error = ['err', 'error', 'exception', 'exc_info', 'stack'];

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

/** https://getpino.io: `level` as a number, or as a word with a formatter, and `time` in milliseconds, or as text. */
export const pino: Dialect = {
  name: 'pino',
  recognises: ({ level, time, pid, hostname }) =>
    (typeof level === 'number' && (typeof time === 'number' || typeof time === 'string')) ||
    (typeof level === 'string' && typeof pid === 'number' && typeof hostname === 'string'),
  time: ['time', 'timestamp'],
  level: ['level'],
  levelOf: levelOfTens,
  message: ['msg', 'message', 'event'],
  service: ['service', 'service.name', 'module', 'name'],
  error,
};

/**
 * https://github.com/winstonjs/winston: `level` and `message`, and by format.timestamp() a `timestamp`; with
 * format.logstash() all else is in `@fields`.
 */
export const winston: Dialect = {
  name: 'winston',
  recognises: (value) =>
    (isText(value.level) && isText(value.message) && isText(value.timestamp)) ||
    (isObject(value['@fields']) && isText(value['@message'])),
  time: ['timestamp', '@timestamp'],
  level: ['level', '@fields.level'],
  message: ['message', '@message'],
  service: ['service', 'service.name', '@fields.service', 'label'],
  error,
};
