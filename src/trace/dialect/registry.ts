/** The dialects, the first that recognises a line counts: the narrower come before the wider. */

import type { Dialect } from './dialect.js';
import { logrus, slog, zap, zerolog } from './go.js';
import { bunyan, pino, winston } from './node.js';
import type { Fields } from './path.js';
import { pythonLogging, structlog } from './python.js';
import { anyJson, compact, ecs, googleCloud, logstash, otel } from './schemas.js';
import { journal } from './wrapped.js';

export const DIALECTS: readonly Dialect[] = [
  ...[journal, compact, otel, ecs, logstash, googleCloud],
  ...[bunyan, pino, pythonLogging, structlog, zap, slog, logrus, zerolog, winston],
];

export function dialectOf(value: Fields): Dialect {
  return DIALECTS.find((dialect) => dialect.recognises(value)) ?? anyJson;
}
