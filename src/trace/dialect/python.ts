/** structlog, and the JSON formatters of Python's own logging. */
import type { Dialect } from './dialect.js';

/** https://www.structlog.org: the message is `event`; `exception` is a traceback, as text or as a list. */
export const structlog: Dialect = {
  name: 'structlog',
  recognises: ({ event, level, timestamp, logger }) =>
    typeof event === 'string' &&
    (typeof timestamp === 'string' ||
      typeof timestamp === 'number' ||
      typeof level === 'string' ||
      typeof logger === 'string'),
  time: ['timestamp', 'time', 'ts', 'asctime'],
  level: ['level', 'log_level'],
  message: ['event'],
  service: ['service', 'service.name', 'service_name', 'logger'],
  error: ['exception', 'error', 'exc_info'],
};

/** python-json-logger: the attributes of a LogRecord under their own names. */
export const pythonLogging: Dialect = {
  name: 'python logging',
  recognises: ({ levelname, message }) => typeof levelname === 'string' && typeof message === 'string',
  time: ['asctime', 'timestamp', 'created'],
  level: ['levelname'],
  message: ['message'],
  service: ['service', 'service.name', 'otelServiceName', 'name'],
  error: ['exc_info', 'exception', 'error'],
};
