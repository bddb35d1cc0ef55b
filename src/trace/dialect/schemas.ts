/** Schemas that are written from any language: ECS, OpenTelemetry, logstash, Google Cloud, Serilog's compact JSON. */
import type { Dialect } from './dialect.js';
import { levelOfSeverity, levelOfTens } from './level.js';
import { isText, valueAt } from './path.js';

/** https://www.elastic.co/docs/reference/ecs/logging/intro: keys with dots, or objects in each other. */
export const ecs: Dialect = {
  name: 'ECS',
  recognises: (value) =>
    isText(value['@timestamp']) &&
    (valueAt(value, 'ecs.version') !== undefined || valueAt(value, 'log.level') !== undefined),
  time: ['@timestamp'],
  level: ['log.level'],
  message: ['message'],
  service: ['service.name', 'event.dataset', 'log.logger'],
  error: ['error', 'error.message', 'error.type'],
};

/** logstash-logback-encoder, the usual JSON of Java: `level`, `logger_name`, MDC keys beside them. */
export const logstash: Dialect = {
  name: 'logstash',
  recognises: (value) => isText(value['@timestamp']) && isText(value.level),
  time: ['@timestamp'],
  level: ['level'],
  levelOf: levelOfTens,
  message: ['message'],
  service: ['service', 'service.name', 'app', 'application', 'logger_name'],
  error: ['stack_trace', 'error', 'exception'],
};

/** OpenTelemetry's log data model, as its console exporters and we (from OTLP/JSON) write it. */
export const otel: Dialect = {
  name: 'OpenTelemetry',
  recognises: (value) =>
    (value.Timestamp !== undefined && value.SeverityText !== undefined) ||
    value.SeverityNumber !== undefined ||
    value.severity_number !== undefined ||
    value.timeUnixNano !== undefined ||
    value.severityNumber !== undefined,
  time: ['timeUnixNano', 'Timestamp', 'timestamp', 'observedTimeUnixNano', 'ObservedTimestamp', 'observed_timestamp'],
  level: ['severityNumber', 'SeverityNumber', 'severity_number', 'severityText', 'SeverityText', 'severity_text'],
  levelOf: levelOfSeverity,
  message: ['body.stringValue', 'body', 'Body'],
  service: [
    'resource.service.name',
    'resource.attributes.service.name',
    'Resource.service.name',
    'Resource.Attributes.service.name',
    'scope.name',
  ],
  error: ['attributes.exception.message', 'Attributes.exception.message'],
};

/** https://cloud.google.com/logging/docs/structured-logging. */
export const googleCloud: Dialect = {
  name: 'Google Cloud',
  recognises: ({ severity, message, textPayload }) => isText(severity) && (isText(message) || isText(textPayload)),
  time: ['timestamp', 'time', 'receiveTimestamp'],
  level: ['severity'],
  message: ['message', 'textPayload'],
  service: [
    'serviceContext.service',
    'resource.labels.service_name',
    'resource.labels.container_name',
    'logging.googleapis.com/labels.service',
  ],
  error: ['error', 'exception', 'stack_trace'],
};

/** https://clef-json.org: `@m` is the message, or `@mt` the template of it; no level means information. */
export const compact: Dialect = {
  name: 'CLEF',
  recognises: (value) => isText(value['@t']) && (value['@mt'] !== undefined || value['@m'] !== undefined),
  time: ['@t'],
  level: ['@l'],
  message: ['@m', '@mt'],
  service: ['Application', 'SourceContext'],
  error: ['@x'],
};

/** Any other: by the usual names. */
export const anyJson: Dialect = {
  name: 'JSON',
  recognises: () => true,
  time: [
    'timestamp',
    'time',
    '@timestamp',
    'ts',
    'datetime',
    'date',
    'eventTime',
    'Timestamp',
    'T',
    't',
    'asctime',
    'created',
  ],
  level: ['level', 'severity', 'loglevel', 'log_level', 'lvl', 'Level', 'LogLevel', '@level', 'L', 'l'],
  levelOf: levelOfTens,
  message: ['message', 'msg', 'event', 'text', 'Message', '@message', 'M', 'm'],
  service: [
    ...['service', 'service.name', 'service_name', 'app', 'application', 'component', 'logger', 'name', 'source'],
    ...['Category', 'N'],
  ],
  error: ['error', 'err', 'exception', 'exc_info', 'Exception', 'stack'],
};
